import type { ApplyEvent } from '../core/events.js';
import { unreachable } from '../core/plan.js';
import { jsonText } from '../text/untrusted.js';
import { outcomeDocument } from './encode.js';

const EVENT_VERSION = 1;

/**
 * An event as one line of NDJSON, its line feed included, as `schemas/events.schema.json` describes it.
 * `time` is RFC 3339.
 */
export function renderEvent(event: ApplyEvent, time: string): string {
  return `${jsonText({ version: EVENT_VERSION, time, ...eventFields(event) }, 0)}\n`;
}

function eventFields(event: ApplyEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'action-started':
    case 'action-step':
    case 'twin-withdrawn': {
      const { type, accountId, ...rest } = event;
      return { type, account_id: accountId, ...rest };
    }
    case 'action-ended':
      return { type: event.type, ...outcomeDocument(event.outcome) };
    case 'apply-started':
    case 'waiting':
    case 'waiting-ended':
    case 'interrupted':
    case 'apply-ended':
      return event;
    default:
      return unreachable(event);
  }
}
