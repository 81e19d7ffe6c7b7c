import { systemClock } from '@weir/runtime'

/** Tokens that look like nothing, last for a while and can be withdrawn. */
export class EntraTokens {
  readonly #valid = new Map<string, number>()
  #issued = 0
  lifetimeSeconds = 3_600
  /** What a token asks for is refused until it is false again. */
  refusing = false

  get issued(): number {
    return this.#issued
  }

  /** As the endpoint of a managed identity answers. */
  issue(resource: string): Readonly<Record<string, string>> {
    const token = `stand-in.${++this.#issued}.${resource}`
    const expires = systemClock.now() + this.lifetimeSeconds * 1000
    this.#valid.set(token, expires)
    return {
      access_token: token,
      expires_on: String(Math.floor(expires / 1000)),
      resource,
      token_type: 'Bearer',
    }
  }

  isValid(token: string): boolean {
    return (this.#valid.get(token) ?? 0) > systemClock.now()
  }

  /** From now on the service refuses every token given so far, though by its own words it has not ended. */
  withdrawAll(): void {
    this.#valid.clear()
  }
}
