/** Pages as nobody would like to find them. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../../..");

export const PAGES: Record<string, string> = {
  template: readFileSync(resolve(root, "overskill_nb/pipeline/template/src/App.tsx"), "utf8"),
  "create-vite": readFileSync(resolve(import.meta.dirname, "fixtures/pages/create-vite-react-ts.tsx.txt"), "utf8"),
  plain: `import Hero from "./components/Hero";
import { Card } from "./components/Card";

export default function App() {
  return (
    <main className="mx-auto">
      <Hero title="Hello" count={3} />
      <Card title="One" footer={<b>f</b>} />

      <Card title="Two">
        <p>Text</p>
      </Card>
    </main>
  );
}
`,
  "comments between attributes": `// @ts-nocheck
/* head */
import Hero /* default */ from "./components/Hero"; // the hero
import { Card /* the card */, } from "./components/Card";

/** A page. */
export default function App() {
  // before
  return (
    <div /* tag */ className="a" // end of class
      id="top" /* after id */
      // alone
    >
      {/* first */}
      <Hero // hero
        title="x" // its title
        /* number */ count={/* in */ 3 /* after */}
        // last
      />
      {/* between */} {/* two */}
      <Card
        title="t"
        /* no more */
      />
      {/* end */}
    </div>
  ); // after
}
// tail
`,
  fragments: `import { Card } from "./components/Card"
import { Fragment } from "react"

const App = () => <>
  <Card />
  <>
    <Card title="in a fragment" />
    text
  </>
  <Fragment key="k"><b>x</b></Fragment>
</>

export default App
`,
  "conditional root": `import Hero from './components/Hero'

export default function App({ ready }) {
  return ready ? <Hero title='ready' /> : null
}
`,
  "component root, no parentheses": `import Hero from "./components/Hero";
export default function App() {
  return <Hero title="alone" />;
}
`,
  "null root": "export default function App() {\n  return null;\n}\n",
  "arrow component": `import { Stack, Row } from "@/components/layout";

const App: React.FC<{ a: number }> = ({ a }) => (
  <Stack gap={a}>
    <Row><span>1</span><span>2</span></Row>
  </Stack>
);

export default App;
`,
  memo: `import { memo, forwardRef } from "react";
import { Label } from "./components/Label";

const Inner = forwardRef<HTMLDivElement, Props>(function Inner({ children }, ref) {
  return <div ref={ref} key="k"><Label>Name</Label>{children}</div>;
});

export default memo(Inner);
`,
  hoc: `import Hero from "./components/Hero";
import { withAuth } from "./auth";

class App extends React.Component {
  state = { n: 1 };
  render() {
    const { n } = this.state;
    if (n > 3) return <p>too many</p>;
    return (
      <section {...this.props} title="s">
        <this.Item />
        <Hero title={"quoted"} count={n} />
      </section>
    );
  }
}

export { withAuth({ role: "admin" }, App) as never };
export default withAuth({ role: "admin" })(App);
`.replace('export { withAuth({ role: "admin" }, App) as never };\n', ""),
  "early returns": `import Hero from "./components/Hero";
import { useState } from "react";

function Loading() { return <i>…</i>; }

export default function App() {
  const [state] = useState<string | null>(null);
  if (!state) return <Loading />;
  const rows = state.split(",").map((row) => {
    return <li key={row}>{row}</li>;
  });
  switch (state) {
    case "a":
      return <b>a</b>;
    default:
      return (
        <ul data-state={state}>
          <Loading />
          {rows}
          {state && <Hero title={state} />}
          {state ? <b>1</b> : <i>2</i>}
        </ul>
      );
  }
}
`,
  entities: `import { Card } from "./components/Card";
import { Label } from "./components/Label";

export default function App() {
  return (
    <div title="a &amp; b &nbsp; c &unknown; &#x41;">
      &nbsp;&copy; 2026 &mdash; Fish &amp; Chips &lt;3 &bogus; &#65;&#x1F600;
      <Card title="&quot;">a&nbsp;b</Card>
      <Label>Ümläut &eacute; 日本 😀 👩‍👩‍👧</Label>
    </div>
  );
}
`,
  "template strings": `import Hero from "./components/Hero";
import Chart from "./components/Chart";

export default function App() {
  const cls = "x";
  return (
    <div className={\`a \${cls} b\`}>
      <Hero title={\`line one
line \\\`two\\\` \\\${x}\`} count={-1.5} />
      <Hero title={"a" + "b"} count={1_000} />
      <Chart
        data={[
          { label: "a", value: 1, format: (v) => \`\${v}
            %\` }, // first
          { label: 'b', value: 0x10, },
        ]}
        style={{ color: "red", 'font-size': 12, /* c */ }}
        when={new Date("2026-01-01")} big={10n} re={/x/g}
      />
      <pre>{\`
  kept
    as is
\`}</pre>
    </div>
  );
}
`,
  spreads: `import { Card } from "./components/Card";
import { Row } from "./components/layout";

export default function App(props: Props) {
  return (
    <Row>
      <Card {...props} title="over" { ...props.more } {...props} />
      <Card title="twice" title="again" />
      <input {...register("name")} disabled />
      {...props.list}
      {props.render()}
    </Row>
  );
}
`,
  generics: `import { Table } from "./table";
import { Card } from "./components/Card";

export default function App<T extends string,>(props: { items: T[] }) {
  return <div>
    <Table<T> items={props.items} render={(i) => <Card title={i} />} />
    <Table<{ a: string }> items={[]}>{(row) => <b>{row.a}</b>}</Table>
    <Tabs.List size="s"><Tabs.Item>one</Tabs.Item></Tabs.List>
    <svg:rect xlink:href="#a" /><my-element some-thing="1" />
  </div>;
}
`,
  "odd white space": `import { Card } from "./components/Card";
import { Row } from "./components/layout";

export default function App() {
  return (
    <div>   leading
      and   inner    spaces


      over lines  <b> bold </b>  tail   {" "}
      <i>a</i> <i>b</i>{" "}{' '}
      <Card title="x"/>text right after{"  "}<Card/>{""}
      <p>
      </p>
      <p> </p>
      <p>{" "}</p>
      <p>{""}</p>
      <Row>

        <b/>

        {"in a string"} and text {/* comment */} more
      </Row></div>
  );
}
`,
  "windows lines": `import Hero from "./components/Hero";
import { Card } from "./components/Card";

export default function App() {
  return (
    <main>
      <Hero title="a" />
      <Card
        title="b"
      >
        Some text
        over lines
      </Card>
    </main>
  );
}
`.replaceAll("\n", "\r\n"),
  tabs: `import Hero from './components/Hero'
import { Card } from './components/Card'

export default function App() {
	return (
		<main className='x'>
			<Hero title='a' count={1}/>
			<Card title='b'>
				<Hero title='c'/>
			</Card>
		</main>
	)
}
`,
  "at the end, named as default": `'use client'
import {Card} from '@/components/Card.tsx'
import Hero from "./components/Hero.tsx"

let other = 1, App = function () {
    return <Card title='x' children="as attribute" footer={
        <>
            <Hero title="1" />
            <Hero title="2" />
        </>
    }>
        <Hero title={\`three\`} />
    </Card>
}

export { other, App as default }`,
  "one line": `import {Stack} from "./components/layout"; export default () => <div><Stack gap={1}><b>x</b>y</Stack></div>`,
  "same names": `import { Link } from "react-router-dom";
import Hero, { other } from "./hero";
import { Card as Panel } from "./components/Card";
import * as layout from "./components/layout";
import type { Row } from "./components/layout";

function Card() { return null; }

export default function App() {
  return (
    <layout.Stack>
      <Link to="/">Home</Link>
      <Hero big />
      <Card />
      <Panel title="p" />
      <layout.Row><Card /></layout.Row>
      <Unknown a={1} />
    </layout.Stack>
  );
}
`,
  "byte order mark": `\ufeffimport Hero from "./components/Hero";
export default function App() { return <div><Hero title="x" /></div>; }
`,
};
