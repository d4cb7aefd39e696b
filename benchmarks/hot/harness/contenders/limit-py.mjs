// The bare prototype: as little as does the job. tornado, one Node process, eval in the page; see ../limit.
import path from "node:path";
import { post, serve } from "../server.mjs";
import { FOLDER } from "./folder.mjs";

export default {
  name: "limit-py",
  async start({ dir, port, python }) {
    const script = path.join(FOLDER, "harness/limit/server.py");
    const server = await serve(python, [script, dir, String(port), process.execPath], {
      cwd: FOLDER,
      ready: /ready http/,
      name: "limit-py",
    });
    const url = `http://127.0.0.1:${port}/`;
    return { url, handIn: (path, source) => post(`${url}hook`, { path, source }), ...server };
  },
};
