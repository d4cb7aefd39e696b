// `text:` is resolved by build.mjs: the module it names, bundled and minified, as a string.
declare module "text:*" {
  const code: string;
  export default code;
}
declare module "*.css" {
  const text: string;
  export default text;
}
