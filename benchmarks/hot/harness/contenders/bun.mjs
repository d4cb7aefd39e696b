// Bun's development server.
import fs from "node:fs";
import path from "node:path";
import { serve } from "../server.mjs";
import { installed } from "./folder.mjs";

export default {
  name: "bun",
  async start({ dir, port }) {
    const page = path.join(dir, "index.html");
    fs.writeFileSync(page, fs.readFileSync(page, "utf8").replace('"/src/main.tsx"', '"./src/main.tsx"'));
    fs.writeFileSync(
      path.join(dir, "serve.ts"),
      `import index from "./index.html";
Bun.serve({
  port: ${port},
  hostname: "127.0.0.1",
  routes: { "/": index },
  development: { hmr: true, console: false },
});
console.log("bun ready");
`,
    );
    const server = await serve(installed("bun/bin/bun.exe"), ["serve.ts"], {
      cwd: dir,
      ready: /bun ready/,
      name: "bun",
      env: { DO_NOT_TRACK: "1" },
    });
    return {
      url: `http://127.0.0.1:${port}/`,
      handIn: (file, source) => fs.writeFileSync(path.join(dir, file), source),
      ...server,
    };
  },
};
