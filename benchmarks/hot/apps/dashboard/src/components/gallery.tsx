import { AccordionParts } from "./ui/accordion";
import { AlertDialogParts } from "./ui/alert-dialog";
import { AspectRatioParts } from "./ui/aspect-ratio";
import { Avatar, AvatarParts } from "./ui/avatar";
import { CheckboxParts } from "./ui/checkbox";
import { CollapsibleParts } from "./ui/collapsible";
import { ContextMenuParts } from "./ui/context-menu";
import { DialogParts } from "./ui/dialog";
import { DropdownMenuParts } from "./ui/dropdown-menu";
import { HoverCardParts } from "./ui/hover-card";
import { Label, LabelParts } from "./ui/label";
import { MenubarParts } from "./ui/menubar";
import { NavigationMenuParts } from "./ui/navigation-menu";
import { PopoverParts } from "./ui/popover";
import { Progress, ProgressParts } from "./ui/progress";
import { RadioGroupParts } from "./ui/radio-group";
import { ScrollAreaParts } from "./ui/scroll-area";
import { SelectParts } from "./ui/select";
import { Separator, SeparatorParts } from "./ui/separator";
import { SliderParts } from "./ui/slider";
import { Switch, SwitchParts } from "./ui/switch";
import { Tabs, TabsParts } from "./ui/tabs";
import { Toggle, ToggleParts } from "./ui/toggle";
import { ToggleGroupParts } from "./ui/toggle-group";
import { TooltipParts } from "./ui/tooltip";

const PARTS = {
  Accordion: AccordionParts,
  AlertDialog: AlertDialogParts,
  AspectRatio: AspectRatioParts,
  Avatar: AvatarParts,
  Checkbox: CheckboxParts,
  Collapsible: CollapsibleParts,
  ContextMenu: ContextMenuParts,
  Dialog: DialogParts,
  DropdownMenu: DropdownMenuParts,
  HoverCard: HoverCardParts,
  Label: LabelParts,
  Menubar: MenubarParts,
  NavigationMenu: NavigationMenuParts,
  Popover: PopoverParts,
  Progress: ProgressParts,
  RadioGroup: RadioGroupParts,
  ScrollArea: ScrollAreaParts,
  Select: SelectParts,
  Separator: SeparatorParts,
  Slider: SliderParts,
  Switch: SwitchParts,
  Tabs: TabsParts,
  Toggle: ToggleParts,
  ToggleGroup: ToggleGroupParts,
  Tooltip: TooltipParts,
};

/** Some of the primitives at work, and how many parts each of them has. */
export function Gallery() {
  return (
    <section className="grid gap-4">
      <Tabs defaultValue="one">
        <TabsParts.List className="flex gap-2 border-b">
          <TabsParts.Trigger value="one">One</TabsParts.Trigger>
          <TabsParts.Trigger value="two">Two</TabsParts.Trigger>
        </TabsParts.List>
        <TabsParts.Content value="one">First</TabsParts.Content>
        <TabsParts.Content value="two">Second</TabsParts.Content>
      </Tabs>
      <Label className="text-sm font-medium">Dark</Label>
      <Switch className="h-5 w-9 rounded-full bg-muted">
        <SwitchParts.Thumb className="block h-4 w-4 rounded-full bg-primary" />
      </Switch>
      <Separator className="h-px bg-muted" />
      <Toggle className="rounded border px-2">Bold</Toggle>
      <Avatar className="size-8">
        <AvatarParts.Fallback>OS</AvatarParts.Fallback>
      </Avatar>
      <Progress className="h-2 bg-muted">
        <ProgressParts.Indicator className="block h-2 w-1/2 bg-primary" />
      </Progress>
      <ul className="grid grid-cols-4 text-xs">
        {Object.entries(PARTS).map(([name, parts]) => (
          <li key={name}>
            {name} {Object.keys(parts).length}
          </li>
        ))}
      </ul>
    </section>
  );
}
