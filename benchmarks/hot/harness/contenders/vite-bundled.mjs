// Vite's experimental mode that bundles during development.
import { make } from "./vite.mjs";

export default make("vite-bundled", { bundled: true });
