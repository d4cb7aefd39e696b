import * as Primitive from "@radix-ui/react-navigation-menu";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function NavigationMenu({
  className,
  ...props
}: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-navigation-menu", className) } as object)} />;
}

export const NavigationMenuParts = Primitive;
