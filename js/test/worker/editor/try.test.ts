import "/tmp/editor/js/test/worker/editor/tools";
import { test } from "vitest";
import { library } from "/tmp/editor/js/test/worker/editor/library";
test("try", async () => {
  const { Page } = await import("/tmp/editor/js/src/worker/editor/page");
  const p = new Page("src/App.tsx", library);
  const t = `import Hero from "./components/Hero";
import { Card } from "./components/Card";

export default function App() {
  return (
    <main className="a">
      {/* top */}
      <Hero title="Hi" count={3} />
      <p>
        Edit <code>src/App.tsx</code>, or put
        components into <code>src/components</code>.
      </p>
      <Card title="x" footer={<b>f</b>} onClick={() => go()}>Yes &nbsp; no</Card>
      {items.map((i) => <Hero title={i} />)}
    </main>
  );
}
`;
  const v = p.take(t)!;
  console.log(JSON.stringify(v, null, 1));
  const d = v.data as any;
  d.root.props.className = "b";
  d.content[0].props.title = 'Say "hi"';
  d.content[1].props.children[2].props.text = ", or place components into ";
  d.content[2].props.children[0].props.text += "!";
  d.content[2].props.footer.push({ type: "Label", props: { id: "n1", children: "foot" } });
  d.content.splice(1, 0, { type: "Stack", props: { id: "n2", gap: 4, children: [d.content[3], { type: "Hero", props: { id: "n3", title: "new", count: 1 } }] } });
  d.content.splice(4, 1);
  const e = p.edit(d);
  console.log(e.text);
  d.content.splice(0, 1);
  d.content.splice(0, 1);
  console.log(p.edit(d).text);
  d.content = [];
  console.log(p.edit(d).text);
});
