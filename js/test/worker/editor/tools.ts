/** The tools that the worker is given, for tests that run its parts. Imported before them. */
import { toolsFolder } from "../worker";

process.env.OVERSKILL_TOOLS = toolsFolder();
