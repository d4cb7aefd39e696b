import * as Primitive from "@radix-ui/react-dropdown-menu";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function DropdownMenu({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-dropdown-menu", className) } as object)} />;
}

export const DropdownMenuParts = Primitive;
