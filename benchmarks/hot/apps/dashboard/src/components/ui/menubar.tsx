import * as Primitive from "@radix-ui/react-menubar";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Menubar({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-menubar", className) } as object)} />;
}

export const MenubarParts = Primitive;
