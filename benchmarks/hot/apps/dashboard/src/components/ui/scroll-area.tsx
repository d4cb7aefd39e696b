import * as Primitive from "@radix-ui/react-scroll-area";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function ScrollArea({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-scroll-area", className) } as object)} />;
}

export const ScrollAreaParts = Primitive;
