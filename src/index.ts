/**
 * The library: what `hookwright plan` and `hookwright apply` do, for programs. Only these exports follow
 * semantic versioning. See docs/library.md for an example.
 */
export type {
  DesiredAccount,
  DesiredSecret,
  DesiredUrl,
  DesiredWebhook,
  Spec,
  Strategy,
} from './core/desired.js';
export type { Diagnostic } from './core/diagnostic.js';
export { HookwrightError, type ErrorCode } from './core/errors.js';
export type { ApplyEvent } from './core/outcome.js';
export type { AccountId, PolicyId, WebhookId } from './core/ids.js';
export type { Live, Policy } from './core/live.js';
export type { ApplyResult, Outcome, OutcomeStatus } from './core/outcome.js';
export type { ApplyDocument, PlanDocument } from './saved-plan/plan-document.js';
export type {
  AccountFailure,
  AccountPlan,
  Action,
  ActionKind,
  Guard,
  GuardCode,
  Note,
  Plan,
  Summary,
} from './core/plan.js';
export type { Reader, WebhookBody, WriteAnswer, Writer } from './core/ports.js';
export { Secret } from './core/secret.js';
export { Emulator, type EmulatorOptions } from './emulator/emulator.js';
export type { Quirks } from './emulator/quirks.js';
export type { PolicySeed, WebhookSeed } from './emulator/data-file.js';
export { apply, type ApplyOptions } from './library.js';
export { connect, type Connection, type ConnectOptions } from './library.js';
export { loadDesired, type LoadDesiredOptions } from './library.js';
export { plan, type Planned, type PlanOptions } from './library.js';
export { renderHtml, renderJson, renderMarkdown, renderText, type TextOptions } from './library.js';
