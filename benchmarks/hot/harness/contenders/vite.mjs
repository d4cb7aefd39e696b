// Vite with React's plugin and, for apps with a style sheet, Tailwind's; as its documentation sets it up.
import fs from "node:fs";
import path from "node:path";
import { serve } from "../server.mjs";
import { installed } from "./folder.mjs";

export function make(name, { bundled = false } = {}) {
  return {
    name,
    async start({ dir, port, css }) {
      const config = [
        "import react from '@vitejs/plugin-react';",
        css ? "import tailwindcss from '@tailwindcss/vite';" : "",
        "export default {",
        `  plugins: [react()${css ? ", tailwindcss()" : ""}],`,
        "  cacheDir: './.vite',",
        `  server: { host: '127.0.0.1', port: ${port}, strictPort: true },`,
        bundled ? "  experimental: { bundledDev: true }," : "",
        "};",
      ];
      fs.writeFileSync(path.join(dir, "vite.config.mjs"), config.filter(Boolean).join("\n"));
      const vite = [installed("vite/bin/vite.js"), "--clearScreen", "false"];
      const server = await serve(process.execPath, vite, { cwd: dir, ready: /ready in|Local:/, name });
      return {
        url: `http://127.0.0.1:${port}/`,
        handIn: (file, source) => fs.writeFileSync(path.join(dir, file), source),
        ...server,
      };
    },
  };
}

export default make("vite");
