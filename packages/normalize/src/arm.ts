/** The parts of an Azure resource id, lower case; ids are compared without case. */
export interface ArmId {
  readonly subscription: string | undefined
  readonly group: string | undefined
  /** `microsoft.keyvault/vaults`. */
  readonly type: string | undefined
  readonly name: string | undefined
  readonly tenant: string | undefined
}

/** Takes an ARM id apart: `/subscriptions/…/resourcegroups/…/providers/…`, or `/tenants/…/providers/…`. */
export function armIdOf(text: string): ArmId {
  const parts = text.toLowerCase().split('/')
  const provider = parts.lastIndexOf('providers')
  const types = provider === -1 ? [] : typesOf(parts, provider)
  return {
    subscription: after(parts, 'subscriptions'),
    group: after(parts, 'resourcegroups'),
    type: types.length === 0 ? undefined : types.join('/'),
    name: provider === -1 ? undefined : parts.at(-1) || undefined,
    tenant: after(parts, 'tenants'),
  }
}

function after(parts: readonly string[], label: string): string | undefined {
  const at = parts.indexOf(label)
  return at === -1 ? undefined : parts[at + 1] || undefined
}

/** Namespace and types, without the names that stand between them. */
function typesOf(parts: readonly string[], provider: number): readonly string[] {
  return parts.slice(provider + 1).filter((part, i) => part !== '' && (i === 0 || i % 2 === 1))
}
