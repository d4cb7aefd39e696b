/** The checker: renders components that nobody has looked at yet, in a process that reaches nothing. */
import { listen, send } from "../worker/channel";
import { cutNetwork } from "./cut";
import type { RenderParams } from "./messages";
import { render } from "./render";

cutNetwork();
process.stdout.on("error", () => process.exit(0));
listen(
  ({ id, params }) => {
    void render(params as unknown as RenderParams).then(
      (result) => send({ id, result }),
      (error: Error) => send({ id, error: { message: error.message, stack: error.stack } }),
    );
  },
  () => process.exit(0),
);
send({ id: 0, result: { node: process.version } });
