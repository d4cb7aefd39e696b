// Generated from overskill_nb/protocol.py by scripts/protocol. Do not edit.

export interface Protocol {
  to_engine: Call | Cancel | Subscribe | Unsubscribe | Ack;
  to_client: Reply | Event;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Call".
 */
export interface Call {
  type: "call";
  id: number;
  request:
    | OpenApp
    | WriteFiles
    | WriteComponent
    | FindComponent
    | EditFile
    | RenameFile
    | ReadFile
    | ListFiles
    | Prepare
    | AllowOrigins
    | TraceError
    | Inspect
    | Ping
    | Seen
    | Deploy
    | Promote
    | Rollback
    | CancelDeployment
    | Undeploy
    | GetDeployment
    | ListDeployments
    | ReadLogs
    | GetVariables
    | SetVariables
    | ListSecrets
    | SetSecret
    | DeleteSecret
    | ListCheckpoints
    | MakeCheckpoint
    | ReadDiff
    | RestoreCheckpoint
    | ExportApp
    | ConnectRepository
    | DisconnectRepository
    | GetGithub
    | StartSync
    | GetSync
    | GenerateComponent
    | GenerateApp
    | FixApp
    | AskModel
    | GetGeneration
    | CancelGeneration
    | KeepGeneration
    | UndoGeneration
    | RetryGeneration
    | CheckFiles
    | OpenPage
    | EditPage
    | MakePage
    | GetPalette
    | BuildTrial
    | RenderOnce
    | GetMetrics;
}
/**
 * Open the project in ``folder``, absolute or relative to the workspace; make it from the template on request.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "OpenApp".
 */
export interface OpenApp {
  type: "open_app";
  folder: string;
  workspace?: string;
  create?: boolean;
  allow?: string[] | null;
  live?: boolean;
}
/**
 * Write or delete files, compile them and send them out as one update.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "WriteFiles".
 */
export interface WriteFiles {
  type: "write_files";
  app: string;
  files: FileChange[];
  origin?: "cell" | "editor" | "file" | "github" | "history" | "prompt" | "python";
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "FileChange".
 */
export interface FileChange {
  path: string;
  content?: string | null;
}
/**
 * Write a component's source, send it out and make sure that it is compiled: all that running its cell takes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "WriteComponent".
 */
export interface WriteComponent {
  type: "write_component";
  app: string;
  name: string;
  source: string;
  path?: string;
  export?: string;
  origin?: "cell" | "editor" | "file" | "github" | "history" | "prompt" | "python";
}
/**
 * Ask where a component of this name is, or goes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "FindComponent".
 */
export interface FindComponent {
  type: "find_component";
  app: string;
  name: string;
}
/**
 * Replace the one place where ``old`` stands by ``new``. No place, or more than one, is an error.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "EditFile".
 */
export interface EditFile {
  type: "edit_file";
  app: string;
  path: string;
  old: string;
  new: string;
  origin?: "cell" | "editor" | "file" | "github" | "history" | "prompt" | "python";
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RenameFile".
 */
export interface RenameFile {
  type: "rename_file";
  app: string;
  path: string;
  to: string;
  origin?: "cell" | "editor" | "file" | "github" | "history" | "prompt" | "python";
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ReadFile".
 */
export interface ReadFile {
  type: "read_file";
  app: string;
  path: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ListFiles".
 */
export interface ListFiles {
  type: "list_files";
  app: string;
}
/**
 * Make sure that a target is compiled: the whole app (empty), a component's name, or a path in the app.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Prepare".
 */
export interface Prepare {
  type: "prepare";
  app: string;
  target?: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AllowOrigins".
 */
export interface AllowOrigins {
  type: "allow_origins";
  app: string;
  allow: string[];
}
/**
 * Map an error that a preview reported back to the sources.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "TraceError".
 */
export interface TraceError {
  type: "trace_error";
  app: string;
  kind:
    | "behaviour"
    | "config"
    | "css"
    | "file"
    | "install"
    | "internal"
    | "module"
    | "network"
    | "render"
    | "resolve"
    | "runtime"
    | "syntax"
    | "type";
  message: string;
  stack: string;
}
/**
 * What ``ov.doctor()`` shows of an engine.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Inspect".
 */
export interface Inspect {
  type: "inspect";
}
/**
 * A sign of life, asked for where a connection is quiet; browsers do not see a WebSocket's own pings.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Ping".
 */
export interface Ping {
  type: "ping";
}
/**
 * What a preview shows: the answer to ``Look``, with the one field that was asked for.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Seen".
 */
export interface Seen {
  type: "seen";
  app: string;
  look: string;
  text?: string;
  console?: string[];
  errors?: Diagnostic[];
  screenshot?: string;
  failure?: string;
}
/**
 * One problem, as data. Its printers are ``diagnostics.py`` and the error card.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Diagnostic".
 */
export interface Diagnostic {
  severity: "error" | "warning";
  kind:
    | "behaviour"
    | "config"
    | "css"
    | "file"
    | "install"
    | "internal"
    | "module"
    | "network"
    | "render"
    | "resolve"
    | "runtime"
    | "syntax"
    | "type";
  message: string;
  location: Location | null;
  frame: string;
  hint: string;
  stack: string;
}
/**
 * A place in a file of an app. Lines and columns count from 1, columns in UTF-16 units as editors do.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Location".
 */
export interface Location {
  file: string;
  line: number;
  column: number;
  length: number;
}
/**
 * Build the app and make it live in an environment. Answered at once; the work goes on.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Deploy".
 */
export interface Deploy {
  type: "deploy";
  app: string;
  environment?: "preview" | "production" | "staging";
}
/**
 * Make the artefact of the environment before ``to``, or of the deployment ``source``, live in ``to``.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Promote".
 */
export interface Promote {
  type: "promote";
  app: string;
  to: "preview" | "production" | "staging";
  source?: string;
}
/**
 * Make the artefact that was live before, or that of the deployment ``to``, live again.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Rollback".
 */
export interface Rollback {
  type: "rollback";
  app: string;
  environment: "preview" | "production" | "staging";
  to?: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CancelDeployment".
 */
export interface CancelDeployment {
  type: "cancel_deployment";
  app: string;
  deployment: string;
}
/**
 * Take the app off an environment.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Undeploy".
 */
export interface Undeploy {
  type: "undeploy";
  app: string;
  environment: "preview" | "production" | "staging";
}
/**
 * A deployment; where ``seen`` of its transitions are known, once there are more, or when time is up.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GetDeployment".
 */
export interface GetDeployment {
  type: "get_deployment";
  app: string;
  deployment: string;
  seen?: number;
  seconds?: number;
}
/**
 * An app's deployments, or those of the whole workspace, newest first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ListDeployments".
 */
export interface ListDeployments {
  type: "list_deployments";
  app?: string;
  limit?: number;
}
/**
 * What the deployed app wrote to its log.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ReadLogs".
 */
export interface ReadLogs {
  type: "read_logs";
  app: string;
  environment: "preview" | "production" | "staging";
  since?: number;
}
/**
 * The public values that the app finds in ``import.meta.env`` in an environment.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GetVariables".
 */
export interface GetVariables {
  type: "get_variables";
  app: string;
  environment: "preview" | "production" | "staging";
}
/**
 * Set some of the public values, and remove those that are null. Takes effect with the next deployment.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SetVariables".
 */
export interface SetVariables {
  type: "set_variables";
  app: string;
  environment: "preview" | "production" | "staging";
  values: {
    [k: string]: string | null;
  };
}
/**
 * Names of an environment's secrets; their values cannot be read.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ListSecrets".
 */
export interface ListSecrets {
  type: "list_secrets";
  app: string;
  environment: "preview" | "production" | "staging";
}
/**
 * Hand a secret to the app's own Worker. It is passed on and kept nowhere.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SetSecret".
 */
export interface SetSecret {
  type: "set_secret";
  app: string;
  environment: "preview" | "production" | "staging";
  name: string;
  value: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeleteSecret".
 */
export interface DeleteSecret {
  type: "delete_secret";
  app: string;
  environment: "preview" | "production" | "staging";
  name: string;
}
/**
 * An app's checkpoints, newest first; what is on disk is made one first, where it differs.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ListCheckpoints".
 */
export interface ListCheckpoints {
  type: "list_checkpoints";
  app: string;
  limit?: number;
  before?: string;
}
/**
 * Make a checkpoint of what is on disk now. Without a change the newest one is given.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "MakeCheckpoint".
 */
export interface MakeCheckpoint {
  type: "make_checkpoint";
  app: string;
  message?: string;
}
/**
 * What a checkpoint changed, or what lies between ``since`` and it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ReadDiff".
 */
export interface ReadDiff {
  type: "read_diff";
  app: string;
  checkpoint: string;
  since?: string;
}
/**
 * Make the files what they were, as a new checkpoint; previews follow.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RestoreCheckpoint".
 */
export interface RestoreCheckpoint {
  type: "restore_checkpoint";
  app: string;
  checkpoint: string;
}
/**
 * Write the app as a zip file that builds anywhere with ``npm ci`` and ``npm run build``.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExportApp".
 */
export interface ExportApp {
  type: "export_app";
  app: string;
  file: string;
}
/**
 * Connect an app to a repository: made where it is missing, given the workflow and its secrets, and pushed to.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConnectRepository".
 */
export interface ConnectRepository {
  type: "connect_repository";
  app: string;
  name: string;
  private?: boolean;
}
/**
 * Let go of the repository. It stays as it is, and so does the app.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DisconnectRepository".
 */
export interface DisconnectRepository {
  type: "disconnect_repository";
  app: string;
}
/**
 * How an app stands with its repository, by what is known here.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GetGithub".
 */
export interface GetGithub {
  type: "get_github";
  app: string;
}
/**
 * Exchange the histories: push, fetch, merge. ``pull``: without pushing. Answered at once; the work goes on.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StartSync".
 */
export interface StartSync {
  type: "start_sync";
  app: string;
  pull?: boolean;
}
/**
 * A sync; where ``seen`` of its transitions are known, once there are more, or when time is up.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GetSync".
 */
export interface GetSync {
  type: "get_sync";
  app: string;
  sync: string;
  seen?: number;
  seconds?: number;
}
/**
 * Have a component written, or changed where there is one. Answered at once; the work goes on.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GenerateComponent".
 */
export interface GenerateComponent {
  type: "generate_component";
  app: string;
  name: string;
  prompt: string;
  path?: string;
  model?: string;
  context?: string[];
  data?: {
    [k: string]: string;
  };
  pictures?: Picture[];
  budget?: Budget;
  keep?: boolean;
  variant?: number;
  mode?: ("auto" | "live" | "record" | "replay") | null;
  recording?: string;
  environment?: {
    [k: string]: string;
  };
}
/**
 * An image for a model that sees.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Picture".
 */
export interface Picture {
  media_type: string;
  data: string;
}
/**
 * What one generation may take. Zero is the default of each.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Budget".
 */
export interface Budget {
  attempts?: number;
  tokens?: number;
  seconds?: number;
  money?: number;
}
/**
 * Have several files of an app written or changed.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GenerateApp".
 */
export interface GenerateApp {
  type: "generate_app";
  app: string;
  prompt: string;
  model?: string;
  context?: string[];
  data?: {
    [k: string]: string;
  };
  pictures?: Picture[];
  budget?: Budget;
  keep?: boolean;
  mode?: ("auto" | "live" | "record" | "replay") | null;
  recording?: string;
  environment?: {
    [k: string]: string;
  };
}
/**
 * Have the errors mended that the app shows: of its sources, and those that previews reported.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "FixApp".
 */
export interface FixApp {
  type: "fix_app";
  app: string;
  errors?: Diagnostic[];
  model?: string;
  budget?: Budget;
  keep?: boolean;
  mode?: ("auto" | "live" | "record" | "replay") | null;
  recording?: string;
  environment?: {
    [k: string]: string;
  };
}
/**
 * Ask about the app. Nothing is changed.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AskModel".
 */
export interface AskModel {
  type: "ask_model";
  app: string;
  question: string;
  model?: string;
  context?: string[];
  data?: {
    [k: string]: string;
  };
  pictures?: Picture[];
  budget?: Budget;
  mode?: ("auto" | "live" | "record" | "replay") | null;
  recording?: string;
  environment?: {
    [k: string]: string;
  };
}
/**
 * A generation; where ``seen`` of its steps are known, once there are more, or when time is up.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GetGeneration".
 */
export interface GetGeneration {
  type: "get_generation";
  app: string;
  generation: string;
  seen?: number;
  seconds?: number;
}
/**
 * Stop at once. What was kept before stays.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CancelGeneration".
 */
export interface CancelGeneration {
  type: "cancel_generation";
  app: string;
  generation: string;
}
/**
 * Write what a generation proposes, also where its check failed.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "KeepGeneration".
 */
export interface KeepGeneration {
  type: "keep_generation";
  app: string;
  generation: string;
}
/**
 * Put the files back as they were before a generation. Refused where one was changed since.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UndoGeneration".
 */
export interface UndoGeneration {
  type: "undo_generation";
  app: string;
  generation: string;
}
/**
 * Ask the same once more: a generation of its own, which is given. What was kept before is taken back first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RetryGeneration".
 */
export interface RetryGeneration {
  type: "retry_generation";
  app: string;
  generation: string;
}
/**
 * Compile and render a component as it would be with these files; nothing is written.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CheckFiles".
 */
export interface CheckFiles {
  type: "check_files";
  app: string;
  target: string;
  files?: {
    [k: string]: string | null;
  };
}
/**
 * A page as its file has it. Its canvas, and the app's components, are compiled for previews from then on.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "OpenPage".
 */
export interface OpenPage {
  type: "open_page";
  app: string;
  path?: string;
  have?: string;
  canvas?: boolean;
}
/**
 * Write what a page's data are now into its file. Nothing is written where the file is not ``base`` any more.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "EditPage".
 */
export interface EditPage {
  type: "edit_page";
  app: string;
  path: string;
  data: unknown;
  base: string;
}
/**
 * Write a new page, with a heading and nothing else. Raises FileError where the file is there.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "MakePage".
 */
export interface MakePage {
  type: "make_page";
  app: string;
  path: string;
}
/**
 * The components that can be put into a page.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GetPalette".
 */
export interface GetPalette {
  type: "get_palette";
  app: string;
}
/**
 * Build an app, or one of its components alone, as it would be deployed. Nothing is deployed or kept for long.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "BuildTrial".
 */
export interface BuildTrial {
  type: "build_trial";
  app: string;
  target?: string;
  props?: {};
  functions?: string[];
}
/**
 * Render a component, or the whole app, without a browser; nothing is written.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RenderOnce".
 */
export interface RenderOnce {
  type: "render_once";
  app: string;
  target?: string;
  props?: {};
  functions?: string[];
}
/**
 * Ask what was measured in this workspace.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GetMetrics".
 */
export interface GetMetrics {
  type: "get_metrics";
}
/**
 * Stop a call that is under way; it is answered with the failure ``Cancelled``.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Cancel".
 */
export interface Cancel {
  type: "cancel";
  id: number;
}
/**
 * Follow an app. ``client`` names this preview among those of the same connection.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Subscribe".
 */
export interface Subscribe {
  type: "subscribe";
  client: string;
  app: string;
  module?: string;
  build?: string;
  seq?: number;
  have?: string[];
  fetches?: boolean;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Unsubscribe".
 */
export interface Unsubscribe {
  type: "unsubscribe";
  client: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Ack".
 */
export interface Ack {
  type: "ack";
  client: string;
  app: string;
  build: string;
  seq: number;
  outcome: "applied" | "failed" | "reloaded";
  ms?: number;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Reply".
 */
export interface Reply {
  type: "reply";
  id: number;
  result:
    | (
        | AppInfo
        | Written
        | FileContent
        | Files
        | Prepared
        | ComponentPlace
        | ComponentWritten
        | Traced
        | EngineInfo
        | Done
        | DeploymentInfo
        | DeploymentTable
        | Logs
        | Variables
        | Secrets
        | Checkpoints
        | CheckpointInfo
        | Diff
        | Exported
        | GithubInfo
        | SyncInfo
        | GenerationInfo
        | CheckInfo
        | PageView
        | Palette
        | Trial
        | Rendered
        | Metrics
      )
    | null;
  failure: Failure | null;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AppInfo".
 */
export interface AppInfo {
  type: "app_info";
  app: string;
  name: string;
  folder: string;
  created: boolean;
  seq: number;
  diagnostics: Diagnostic[];
  allow: string[];
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Written".
 */
export interface Written {
  type: "written";
  seq: number;
  changed: string[];
  diagnostics: Diagnostic[];
  ms: number;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "FileContent".
 */
export interface FileContent {
  type: "file_content";
  path: string;
  content: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Files".
 */
export interface Files {
  type: "files";
  paths: string[];
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Prepared".
 */
export interface Prepared {
  type: "prepared";
  module: string;
  export: string;
  seq: number;
  diagnostics: Diagnostic[];
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ComponentPlace".
 */
export interface ComponentPlace {
  type: "component_place";
  path: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ComponentWritten".
 */
export interface ComponentWritten {
  type: "component_written";
  path: string;
  written: Written;
  prepared: Prepared;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Traced".
 */
export interface Traced {
  type: "traced";
  diagnostic: Diagnostic;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "EngineInfo".
 */
export interface EngineInfo {
  type: "engine_info";
  version: string;
  workspace: string;
  host: "kernel" | "server";
  python: string;
  node: string;
  node_source: string;
  tools: string;
  apps: {
    [k: string]: number;
  };
  previews: PreviewInfo[];
  worker_pid: number | null;
  problems: string[];
}
/**
 * What one open preview shows, by its own word.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PreviewInfo".
 */
export interface PreviewInfo {
  app: string;
  client: string;
  sent: number;
  seq: number;
  outcome: "" | "applied" | "failed" | "reloaded";
  ms: number;
  at: number;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Done".
 */
export interface Done {
  type: "done";
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeploymentInfo".
 */
export interface DeploymentInfo {
  type: "deployment";
  deployment: Deployment;
}
/**
 * One attempt to make an artefact live in an environment.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Deployment".
 */
export interface Deployment {
  id: string;
  app: string;
  name: string;
  environment: "preview" | "production" | "staging";
  kind: "deploy" | "promote" | "rollback";
  status:
    | "building"
    | "cancelled"
    | "deployed"
    | "failed"
    | "pending"
    | "rolled_back"
    | "superseded"
    | "uploading"
    | "verifying";
  url: string;
  artefact: string;
  source: string;
  target: "cloudflare" | "local";
  transitions: Transition[];
  timings: {
    [k: string]: number;
  };
  first_load_gzip: number;
  files: number;
  warnings: string[];
  error: string;
  hint: string;
  superseded_by: string;
  commit: string;
  repository: string;
  run_url: string;
  sync: Sync | null;
  log: string[];
}
/**
 * A deployment's step from one status to the next.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Transition".
 */
export interface Transition {
  status:
    | "building"
    | "cancelled"
    | "deployed"
    | "failed"
    | "pending"
    | "rolled_back"
    | "superseded"
    | "uploading"
    | "verifying";
  at: number;
  note: string;
}
/**
 * One exchange of an app's history with its repository on GitHub.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Sync".
 */
export interface Sync {
  id: string;
  app: string;
  repository: string;
  reason: "asked" | "connect" | "deploy" | "promote" | "pull";
  status: "cancelled" | "conflict" | "failed" | "pending" | "synced" | "syncing";
  commit: string;
  pushed: number;
  received: number;
  pull_request: string;
  conflicts: Conflict[];
  deployment: string;
  waits_until: number;
  transitions: SyncTransition[];
  ms: number;
  error: string;
  hint: string;
  log: string[];
}
/**
 * A file that was changed on both sides in the same place. Neither side was touched.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Conflict".
 */
export interface Conflict {
  path: string;
  ours: string | null;
  theirs: string | null;
  base: string | null;
  binary: boolean;
}
/**
 * A sync's step from one status to the next, or a remark on the one that it has.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SyncTransition".
 */
export interface SyncTransition {
  status: "cancelled" | "conflict" | "failed" | "pending" | "synced" | "syncing";
  at: number;
  note: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeploymentTable".
 */
export interface DeploymentTable {
  type: "deployments";
  deployments: Deployment[];
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Logs".
 */
export interface Logs {
  type: "logs";
  lines: LogLine[];
}
/**
 * A line of a deployed app's own log: of its Worker's console, or an error of it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "LogLine".
 */
export interface LogLine {
  at: number;
  level: string;
  text: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Variables".
 */
export interface Variables {
  type: "variables";
  values: {
    [k: string]: string;
  };
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Secrets".
 */
export interface Secrets {
  type: "secrets";
  names: string[];
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Checkpoints".
 */
export interface Checkpoints {
  type: "checkpoints";
  checkpoints: Checkpoint[];
}
/**
 * A state of an app's files that can be gone back to: a commit of the app's git repository.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Checkpoint".
 */
export interface Checkpoint {
  id: string;
  at: number;
  origin: string;
  author: string;
  message: string;
  files: string[];
  compiles: boolean;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CheckpointInfo".
 */
export interface CheckpointInfo {
  type: "checkpoint";
  checkpoint: Checkpoint;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Diff".
 */
export interface Diff {
  type: "diff";
  files: FileDiff[];
}
/**
 * What became of one file.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "FileDiff".
 */
export interface FileDiff {
  path: string;
  status: "added" | "changed" | "removed";
  text: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Exported".
 */
export interface Exported {
  type: "exported";
  file: string;
  files: number;
  bytes: number;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GithubInfo".
 */
export interface GithubInfo {
  type: "github";
  repository: Repository | null;
  sync: Sync | null;
  ahead: number;
  account: string;
}
/**
 * The repository on GitHub that an app is connected to.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Repository".
 */
export interface Repository {
  name: string;
  url: string;
  branch: string;
  local: boolean;
  private: boolean;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SyncInfo".
 */
export interface SyncInfo {
  type: "sync";
  sync: Sync;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GenerationInfo".
 */
export interface GenerationInfo {
  type: "generation";
  generation: Generation;
  steps: (TextWritten | AttemptStarted | ToolUsed | AttemptChecked | CostChanged | GenerationEnded)[];
  seen: number;
}
/**
 * One request to a model, with all that became of it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Generation".
 */
export interface Generation {
  id: string;
  app: string;
  task: "app" | "ask" | "component" | "fix";
  name: string;
  prompt: string;
  model: string;
  status: "answered" | "cancelled" | "failed" | "kept" | "proposed" | "running" | "undone";
  attempts: Attempt[];
  files: GeneratedFile[];
  diff: string;
  answer: string;
  cost: Cost;
  replayed: boolean;
  error: string;
  error_kind: string;
}
/**
 * One version that a model wrote, and what the check said of it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Attempt".
 */
export interface Attempt {
  number: number;
  passed: boolean;
  diagnostics: Diagnostic[];
  mended: string[];
  text: string;
}
/**
 * A file that a generation wants to change, or changed.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GeneratedFile".
 */
export interface GeneratedFile {
  path: string;
  before: string | null;
  after: string | null;
}
/**
 * What a generation took so far.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Cost".
 */
export interface Cost {
  requests: number;
  input_tokens: number;
  output_tokens: number;
  seconds: number;
  own_seconds: number;
  money: number | null;
}
/**
 * More of the code, as the model writes it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "TextWritten".
 */
export interface TextWritten {
  type: "text";
  text: string;
  path: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AttemptStarted".
 */
export interface AttemptStarted {
  type: "attempt";
  number: number;
  reason: string;
}
/**
 * The model did something: read, searched, wrote, edited.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolUsed".
 */
export interface ToolUsed {
  type: "tool";
  tool: string;
  subject: string;
  outcome: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AttemptChecked".
 */
export interface AttemptChecked {
  type: "checked";
  attempt: Attempt;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CostChanged".
 */
export interface CostChanged {
  type: "cost";
  cost: Cost;
}
/**
 * The model's work is over; ``GetGeneration`` has the files, the diff and the answer. Comes once more for each time
 * that it is kept or undone afterwards.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GenerationEnded".
 */
export interface GenerationEnded {
  type: "ended";
  status: "answered" | "cancelled" | "failed" | "kept" | "proposed" | "running" | "undone";
  error: string;
  error_kind: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CheckInfo".
 */
export interface CheckInfo {
  type: "check";
  passed: boolean;
  export: string;
  diagnostics: Diagnostic[];
  mended: {
    [k: string]: string;
  };
  notes: string[];
  text: string;
  console: string[];
}
/**
 * A page, as data.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PageView".
 */
export interface PageView {
  type: "page_view";
  path: string;
  hash: string;
  palette: string;
  data: {} | null;
  root: string;
  places: {
    [k: string]: number[];
  };
  types: {
    [k: string]: PageOrigin;
  };
  problems: Diagnostic[];
  conflict: boolean;
  written: boolean;
}
/**
 * Where a page has a component from that is none of the app's own.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PageOrigin".
 */
export interface PageOrigin {
  kind: string;
  tag: string;
  specifier: string;
  imported: string;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Palette".
 */
export interface Palette {
  type: "palette";
  name: string;
  components: PaletteComponent[];
  hosts: {
    [k: string]: {
      [k: string]: {};
    };
  };
}
/**
 * A component that the app exports.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PaletteComponent".
 */
export interface PaletteComponent {
  type: string;
  name: string;
  path: string;
  export: string;
  folder: string;
  help: string;
  fields: {
    [k: string]: {};
  };
  defaults: {};
}
/**
 * A fresh build.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Trial".
 */
export interface Trial {
  type: "trial";
  module: string;
  export: string;
  files: TrialFile[];
  allow: string[];
}
/**
 * A file as it is served.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "TrialFile".
 */
export interface TrialFile {
  path: string;
  content_type: string;
  file: string;
}
/**
 * What became of ``RenderOnce``.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Rendered".
 */
export interface Rendered {
  type: "rendered";
  module: string;
  export: string;
  text: string;
  console: string[];
  diagnostics: Diagnostic[];
}
/**
 * What was measured: of updates and connections since the engine began, of deployments and builds all that is
 * recorded; of each the newest, and at most a thousand.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Metrics".
 */
export interface Metrics {
  type: "metrics";
  since: number;
  update_ms: number[];
  updates: number;
  failed_updates: number;
  connections: number;
  dropped: number;
  deployment_ms: number[];
  bundle_bytes: number[];
}
/**
 * Why a request was not carried out.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Failure".
 */
export interface Failure {
  error: string;
  message: string;
  diagnostics: Diagnostic[];
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Event".
 */
export interface Event {
  type: "event";
  client: string;
  event:
    | Snapshot
    | Update
    | Progress
    | Gone
    | Likely
    | Look
    | DeploymentChanged
    | CheckpointMade
    | SyncChanged
    | GenerationStepped;
}
/**
 * All that a preview needs to start from nothing.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Snapshot".
 */
export interface Snapshot {
  type: "snapshot";
  app: string;
  build: string;
  seq: number;
  page: Page;
  entries: string[];
  globals: string[];
  vendor: Vendor[];
  modules: Module[];
  diagnostics: Diagnostic[];
}
/**
 * What an app's ``index.html`` holds beside its scripts.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Page".
 */
export interface Page {
  title: string;
  head: string;
  body: string;
  html_attributes: {
    [k: string]: string;
  };
  body_attributes: {
    [k: string]: string;
  };
}
/**
 * A chunk of pre-bundled npm packages: a script that registers them. Immutable, named by its content.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Vendor".
 */
export interface Vendor {
  id: string;
  code: string | null;
}
/**
 * One compiled module. ``code`` is the body of a factory; see ``js/src/runtime/registry.ts``.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Module".
 */
export interface Module {
  id: string;
  code: string;
  deps: {
    [k: string]: string;
  };
  css: string | null;
  is_async: boolean;
  hash: string;
  map: string;
}
/**
 * One numbered change. With diagnostics and no modules where the change does not compile.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Update".
 */
export interface Update {
  type: "update";
  app: string;
  build: string;
  seq: number;
  modules: Module[];
  removed: string[];
  vendor: Vendor[];
  globals: string[] | null;
  page: Page | null;
  reload: string;
  diagnostics: Diagnostic[];
  origin: "cell" | "editor" | "file" | "github" | "history" | "prompt" | "python";
  sent: number;
}
/**
 * Something slow is going on: what is missing is being installed, or an app is connected to GitHub.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Progress".
 */
export interface Progress {
  type: "progress";
  app: string;
  stage: "bundle" | "github" | "node" | "packages" | "tools";
  text: string;
  fraction: number | null;
  done: boolean;
}
/**
 * The engine does not have this app (any more); the client may open it and subscribe again.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Gone".
 */
export interface Gone {
  type: "gone";
  app: string;
  reason: string;
}
/**
 * The snapshot that is being made will probably name these chunks, as the last one did: fetch them meanwhile.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Likely".
 */
export interface Likely {
  type: "likely";
  app: string;
  chunks: string[];
}
/**
 * Asks one preview what it shows. It answers with ``Seen``; one that cannot does not.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Look".
 */
export interface Look {
  type: "look";
  app: string;
  look: string;
  view: "console" | "errors" | "screenshot" | "text";
}
/**
 * A deployment took a step or has more to say. Goes to every client: what shows deployments picks its own.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeploymentChanged".
 */
export interface DeploymentChanged {
  type: "deployment_changed";
  app: string;
  deployment: Deployment;
}
/**
 * An app has a new checkpoint. Goes to every client.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CheckpointMade".
 */
export interface CheckpointMade {
  type: "checkpoint_made";
  app: string;
  checkpoint: Checkpoint;
}
/**
 * A sync took a step or has more to say. Goes to every client.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SyncChanged".
 */
export interface SyncChanged {
  type: "sync_changed";
  app: string;
  sync: Sync;
}
/**
 * A generation went on. Goes to every client: what shows generations picks its own.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GenerationStepped".
 */
export interface GenerationStepped {
  type: "generation_stepped";
  app: string;
  generation: string;
  number: number;
  step: TextWritten | AttemptStarted | ToolUsed | AttemptChecked | CostChanged | GenerationEnded;
}
export type Kind = Diagnostic["kind"];
export type Origin = Update["origin"];
