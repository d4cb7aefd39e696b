// What Octokit does with a GitHub at another address: makes a repository's branch, runs its workflow, reads its log.
import { Octokit } from "octokit";

const [baseUrl, auth] = process.argv.slice(2);
const octokit = new Octokit({ baseUrl, auth });
const where = { owner: "me", repo: "tips" };
const { data: user } = await octokit.rest.users.getAuthenticated();
const { data: repository } = await octokit.rest.repos.get(where);
const { data: head } = await octokit.rest.git.getRef({ ...where, ref: "heads/main" });
await octokit.rest.git.createRef({ ...where, ref: "refs/heads/topic", sha: head.object.sha });
const branches = await octokit.paginate(octokit.rest.repos.listBranches, { ...where, per_page: 1 });
const { data: file } = await octokit.rest.repos.getContent({ ...where, path: "README.md" });
const { data: dispatched } = await octokit.request(
  "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
  { ...where, workflow_id: "deploy.yml", ref: "main", inputs: { deployment: "octo" }, return_run_details: true },
);
const run_id = dispatched.workflow_run_id;
let run;
do {
  await new Promise((resolve) => setTimeout(resolve, 100));
  run = (await octokit.rest.actions.getWorkflowRun({ ...where, run_id })).data;
} while (run.status !== "completed");
const { data: jobs } = await octokit.rest.actions.listJobsForWorkflowRun({ ...where, run_id });
const { data: log } = await octokit.rest.actions.downloadJobLogsForWorkflowRun({ ...where, job_id: jobs.jobs[0].id });
const missing = await octokit.rest.repos.get({ ...where, repo: "none" }).catch((error) => error.status);
console.log(
  JSON.stringify({
    login: user.login,
    branch: repository.default_branch,
    branches: branches.map((branch) => branch.name),
    readme: Buffer.from(file.content, "base64").toString(),
    title: run.display_title,
    conclusion: run.conclusion,
    log: String(log).includes("# Tips"),
    missing,
  }),
);
