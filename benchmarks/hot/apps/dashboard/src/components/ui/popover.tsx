import * as Primitive from "@radix-ui/react-popover";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Popover({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-popover", className) } as object)} />;
}

export const PopoverParts = Primitive;
