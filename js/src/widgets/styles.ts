// The look of what is shown beside previews.
import deployments from "./deployments.css";
import editor from "./editor.css";
import generation from "./generation.css";
import github from "./github.css";
import history from "./history.css";
import theme from "./theme.css";

export const css = [theme, deployments, history, github, generation, editor].join("\n");
