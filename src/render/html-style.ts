/** The one style sheet of the report: light and dark, from a phone to a wide screen, and on paper. */
export const CSS = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1c1e21; --dim: #5c636a; --line: #d0d5da; --box: #f5f6f8;
  --add: #1a7f37; --change: #9a6700; --destroy: #c4272f; --move: #0a5fc2; }
@media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #e4e7ea; --dim: #9aa3ab; --line: #3a4148;
  --box: #1e2327; --add: #4cc26a; --change: #e0b13c; --destroy: #ff7b72; --move: #6cb2ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--bg); color: var(--fg);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
code, .picture text { font-family: ui-monospace, monospace; }
code { font-size: .9em; }
ul { padding-left: 1.2rem; }
figure { margin: 1rem 0; }
figcaption, .dim { color: var(--dim); font-size: .9rem; }
section.bad { border-left: 4px solid var(--destroy); padding-left: .8rem; }
section.warn { border-left: 4px solid var(--change); padding-left: .8rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .4rem .7rem; }
summary { cursor: pointer; }
.sign { font-weight: bold; font-family: ui-monospace, monospace; }
.create > summary .sign { color: var(--add); }
.update > summary .sign, .replace > summary .sign { color: var(--change); }
.delete > summary .sign, .forces, .bad strong { color: var(--destroy); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .8rem; margin: .5rem 0; }
dt { color: var(--dim); }
dd { margin: 0; }
.picture { display: block; width: 100%; max-width: 540px; height: auto; }
.picture text { font-size: 11px; fill: var(--fg); }
.picture text.sign { text-anchor: middle; }
.picture rect { fill: var(--box); stroke: var(--line); stroke-width: 1; }
.picture path { fill: none; stroke: var(--dim); stroke-width: 1.3; }
.picture .tip { fill: var(--dim); stroke: none; }
.picture .create rect { stroke: var(--add); stroke-width: 2; stroke-dasharray: 5 3; }
.picture .update rect, .picture .replace rect { stroke: var(--change); stroke-width: 2; }
.picture .delete rect, .picture .missing rect { stroke: var(--destroy); stroke-width: 2; stroke-dasharray: 2 3; }
.picture .create .sign { fill: var(--add); }
.picture .update .sign, .picture .replace .sign { fill: var(--change); }
.picture .delete .sign, .picture .missing .sign { fill: var(--destroy); }
.picture .moved path { stroke: var(--move); stroke-dasharray: 6 3; }
.picture .cut path { stroke: var(--destroy); stroke-dasharray: 2 3; }
.picture .moved .tip { fill: var(--move); stroke: none; }
.picture .cut .tip { fill: var(--destroy); stroke: none; }
@media print { details { break-inside: avoid; } }
`;
