// overskill_nb: the server extension, with the app open in a tab.
import path from "node:path";
import { post, serve } from "../server.mjs";
import { FOLDER } from "./folder.mjs";

const TOKEN = "benchmark";

export default {
  name: "ours",
  async start({ dir, port, python }) {
    const app = path.basename(dir);
    const base = `http://127.0.0.1:${port}/overskill-nb`;
    const url = `${base}/tab/${app}?token=${TOKEN}`;
    const args = [path.join(FOLDER, "serve.py"), dir, "--port", String(port), "--token", TOKEN];
    const server = await serve(python, args, { cwd: dir, url, name: "ours" });
    const headers = { authorization: `token ${TOKEN}` };
    return {
      url,
      handIn: (path, source) => post(`${base}/api/apps/${app}/files`, { path, source }, headers),
      ...server,
    };
  },
};
