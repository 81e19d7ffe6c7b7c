import type { OutputTools } from '../output.ts'
import { createHecClient, type HecClient } from './client.ts'
import type { HecConfig } from './config.ts'

/** Channels that are kept after their connection ended; the oldest go, and what waits for them is sent again. */
const ENDED_MAX = 64

/**
 * A channel of our own for each connection, over which its events go. Acknowledgements are kept by channel by the
 * collector that took the events, and numbered anew by each: behind a balancer a new connection may lead to another
 * one, whose numbers in the old channel would be taken for the first one's.
 */
export class Channels {
  readonly #config: HecConfig
  readonly #tools: OutputTools
  #current: HecClient | undefined
  /** Ended ones, which are still asked for acknowledgements. */
  readonly #ended: HecClient[] = []

  constructor(config: HecConfig, tools: OutputTools) {
    this.#config = config
    this.#tools = tools
  }

  /** The one whose connection stands, or has yet to be made. */
  get current(): HecClient {
    const { limits, random } = this.#tools
    if (this.#current?.ended === true) this.#retire(this.#current)
    this.#current ??= createHecClient(this.#config, guid(random), limits.connectMs)
    return this.#current
  }

  async close(): Promise<void> {
    await Promise.all([this.#current, ...this.#ended].map((client) => client?.close()))
  }

  #retire(ended: HecClient): void {
    this.#current = undefined
    this.#ended.push(ended)
    if (this.#ended.length > ENDED_MAX) void this.#ended.shift()?.close()
  }
}

/** A version 4 GUID from the given randomness. */
function guid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16))
  hex[12] = '4'
  hex[16] = (8 + Math.floor(random() * 4)).toString(16)
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
