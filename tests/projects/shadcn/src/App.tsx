import * as Tabs from "@radix-ui/react-tabs";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogTitle, DialogTrigger } from "@/components/ui/dialog";
import badge from "./Badge.module.css";
import data from "./data.json";
import logo from "./logo.svg";
import note from "./note.txt?raw";
import noteUrl from "./note.txt?url";

export default function App() {
  const [count, setCount] = useState(0);
  return (
    <main className="mx-auto max-w-xl space-y-4 p-8">
      <h1 className="flex items-center gap-2 text-2xl font-bold">
        <img id="logo" src={logo} alt="logo" /> Shadcn style
      </h1>
      <p id="greeting" className="text-muted-foreground">
        {import.meta.env.VITE_GREETING} ({import.meta.env.MODE})
      </p>
      <p id="note" data-url={noteUrl}>
        {note.trim()}
      </p>
      <span id="badge" className={badge.badge}>
        {data.items.length} items
      </span>
      <Button id="count" onClick={() => setCount(count + 1)}>
        <Plus /> count {count}
      </Button>
      <Dialog>
        <DialogTrigger asChild>
          <Button id="open" variant="outline">
            Open
          </Button>
        </DialogTrigger>
        <DialogContent aria-describedby={undefined}>
          <DialogTitle>A dialog</DialogTitle>
          <p>Its content.</p>
        </DialogContent>
      </Dialog>
      <Tabs.Root defaultValue={data.items[0]}>
        <Tabs.List className="flex gap-2">
          {data.items.map((item) => (
            <Tabs.Trigger key={item} value={item} className="rounded border px-2 data-[state=active]:bg-muted">
              {item}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {data.items.map((item) => (
          <Tabs.Content key={item} value={item}>
            {item} content
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </main>
  );
}
