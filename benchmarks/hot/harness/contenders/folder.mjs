// Where the peers are installed.
import path from "node:path";

export const FOLDER = path.resolve(import.meta.dirname, "../..");
export const installed = (...parts) => path.join(FOLDER, "node_modules", ...parts);
