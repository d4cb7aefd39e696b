import * as Primitive from "@radix-ui/react-context-menu";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function ContextMenu({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-context-menu", className) } as object)} />;
}

export const ContextMenuParts = Primitive;
