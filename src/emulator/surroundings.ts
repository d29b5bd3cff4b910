import { ok, type Answer } from './responses.js';
import * as refusals from './refusals.js';
import type { Call } from './context.js';

/** The endpoints around the alerting API that tell what a token and an account may do. */
export function verifyToken(call: Call): Answer {
  if (!call.byToken) return refusals.invalidHeaders(6111);
  const message = { code: 10000, message: 'This API Token is valid and active' };
  return ok({ id: 'ed17574386854bf78a67040be0a770b0', status: 'active' }, 200, [message]);
}

export function getAccount(call: Call): Answer {
  return ok(describeAccount(call.accountId));
}

export function listAccounts(call: Call): Answer {
  return ok(call.world.state.accountIds().map(describeAccount));
}

/** https://developers.cloudflare.com/api/resources/alerting/subresources/destinations/subresources/eligible/ */
export function eligible(call: Call): Answer {
  const { quirks } = call.world;
  const mechanism = (type: string, included: boolean): unknown => {
    const entry = { eligible: included, ready: true, type };
    return quirks['eligible-shape'] === 'array' ? [entry] : entry;
  };
  const paid = quirks.eligible === 'yes';
  return ok({
    email: mechanism('email', true),
    pagerduty: mechanism('pagerduty', false),
    webhooks: mechanism('webhooks', paid),
  });
}

export function availableAlerts(): Answer {
  const alert = (type: string, display_name: string, description: string): unknown => ({
    type,
    display_name,
    description,
    filter_options: [],
  });
  return ok({
    'SSL/TLS': [
      alert('universal_ssl_event_type', 'Universal SSL Alert', 'Universal certificate events of your zones.'),
    ],
    Monitoring: [
      alert(
        'http_alert_origin_error',
        'Origin Error Rate Alert',
        'Origins that answer with too many errors.',
      ),
    ],
  });
}

function describeAccount(id: string): unknown {
  return {
    id,
    name: `Emulated account ${id.slice(0, 8)}`,
    type: 'standard',
    settings: { enforce_twofactor: false },
    created_on: '2024-01-01T00:00:00.12345Z',
  };
}
