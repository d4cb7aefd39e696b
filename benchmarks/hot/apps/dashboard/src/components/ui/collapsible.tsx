import * as Primitive from "@radix-ui/react-collapsible";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Collapsible({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-collapsible", className) } as object)} />;
}

export const CollapsibleParts = Primitive;
