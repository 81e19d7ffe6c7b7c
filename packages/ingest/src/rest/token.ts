import type { AccessToken, TokenCredential } from '@azure/identity'
import { type Clock, WeirError } from '@weir/runtime'
import { within } from '../within.ts'

/** A token is asked for anew so long before its end, so that none ends on its way. */
const EARLY_MS = 300_000
const ANSWER_MS_MAX = 30_000

/** Asks the credential for a token past every cache, also where the service gave no challenge to answer. */
const ANY_CLAIM = '{"access_token":{"xms_cc":{"values":["cp1"]}}}'

/** The token of one scope, kept until shortly before its end; whoever asks meanwhile waits for the same answer. */
export class TokenSource {
  readonly #credential: TokenCredential
  readonly #scope: string
  readonly #clock: Clock
  #token: AccessToken | undefined
  #asking: Promise<AccessToken> | undefined

  constructor(credential: TokenCredential, scope: string, clock: Clock) {
    this.#credential = credential
    this.#scope = scope
    this.#clock = clock
  }

  /** Rejects with what the credential rejects with. */
  async get(): Promise<string> {
    const token = this.#token
    if (token !== undefined && this.#clock.now() < token.expiresOnTimestamp - EARLY_MS) return token.token
    return this.#ask()
  }

  /** Another token than the one that was refused; `claims` is what the service demands of it. */
  async renew(refused: string, claims = ANY_CLAIM): Promise<string> {
    if (this.#token !== undefined && this.#token.token !== refused) return this.get()
    return this.#ask(claims)
  }

  async #ask(claims?: string): Promise<string> {
    this.#asking ??= this.#fetch(claims).finally(() => {
      this.#asking = undefined
    })
    this.#token = await this.#asking
    return this.#token.token
  }

  async #fetch(claims?: string): Promise<AccessToken> {
    const work = this.#credential.getToken(this.#scope, claims === undefined ? {} : { claims })
    const token = await within(this.#clock, ANSWER_MS_MAX, 'a token', work)
    if (token === null) throw new WeirError('SOURCE_UNREACHABLE', `no token for ${this.#scope}`)
    return token
  }
}
