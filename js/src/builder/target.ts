/** What is built runs in these, which are Vite's own targets: every browser has had it all since 2023. */
export const TARGET = ["chrome111", "edge111", "firefox114", "safari16.4", "ios16.4"];

const version = (major: number, minor = 0) => (major << 16) | (minor << 8);

/** The same for style sheets. */
export const STYLE_TARGETS = {
  chrome: version(111),
  edge: version(111),
  firefox: version(114),
  safari: version(16, 4),
  ios_saf: version(16, 4),
};
