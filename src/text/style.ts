/** How text is highlighted. It is passed in: a renderer never checks whether there is a terminal. */
export type Style = Readonly<Record<Highlight, (text: string) => string>>;
type Highlight = 'add' | 'change' | 'destroy' | 'error' | 'warning' | 'success' | 'heading' | 'dim';

const same = (text: string): string => text;

/** No color: for files, pipes and `NO_COLOR`. */
export const plainStyle: Style = {
  add: same,
  change: same,
  destroy: same,
  error: same,
  warning: same,
  success: same,
  heading: same,
  dim: same,
};

const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

/** The 16 basic colors, which follow the light or dark theme of the user. */
export const ansiStyle: Style = {
  add: sgr(32, 39),
  change: sgr(33, 39),
  destroy: sgr(31, 39),
  error: sgr(31, 39),
  warning: sgr(33, 39),
  success: sgr(32, 39),
  heading: sgr(1, 22),
  dim: sgr(2, 22),
};
