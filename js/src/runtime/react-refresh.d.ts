declare module "react-refresh/runtime" {
  export interface Family {
    current: unknown;
  }
  export interface RefreshUpdate {
    updatedFamilies: Set<Family>;
    staleFamilies: Set<Family>;
  }
  export function injectIntoGlobalHook(globalObject: object): void;
  export function register(type: unknown, id: string): void;
  export function getFamilyByID(id: string): Family | undefined;
  export function getFamilyByType(type: unknown): Family | undefined;
  export function isLikelyComponentType(type: unknown): boolean;
  export function performReactRefresh(): RefreshUpdate | null;
  export function createSignatureFunctionForTransform(): (...args: unknown[]) => unknown;
}
