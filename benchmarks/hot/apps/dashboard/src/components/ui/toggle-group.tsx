import * as Primitive from "@radix-ui/react-toggle-group";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function ToggleGroup({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-toggle-group", className) } as object)} />;
}

export const ToggleGroupParts = Primitive;
