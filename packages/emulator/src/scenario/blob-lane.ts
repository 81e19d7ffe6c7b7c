import {
  type AppendBlobClient,
  type BlockBlobClient,
  type ContainerClient,
  RestError,
} from '@azure/storage-blob'

/** Grows one append blob. A repeated append is recognised by the blob's length and not made twice. */
export class AppendLane {
  readonly #container: ContainerClient
  readonly #blob: AppendBlobClient
  /** Bytes known to be in the blob; `undefined` until it was looked at. */
  #length: number | undefined

  constructor(container: ContainerClient, blob: string) {
    this.#container = container
    this.#blob = container.getAppendBlobClient(blob)
  }

  /** One attempt; call it again with the same bytes when it rejects. */
  async append(bytes: Buffer): Promise<void> {
    this.#length ??= await this.#open()
    try {
      await this.#blob.appendBlock(bytes, bytes.length, { conditions: { appendPosition: this.#length } })
    } catch (error) {
      if (!(await this.#isThere(error, this.#length + bytes.length))) throw error
    }
    this.#length += bytes.length
  }

  async #open(): Promise<number> {
    await this.#container.createIfNotExists()
    await this.#blob.createIfNotExists()
    const { contentLength } = await this.#blob.getProperties()
    return contentLength ?? 0
  }

  /** True when the append failed only because an earlier attempt had succeeded. */
  async #isThere(error: unknown, length: number): Promise<boolean> {
    if (!(error instanceof RestError) || error.statusCode !== 412) return false
    const { contentLength } = await this.#blob.getProperties()
    return contentLength === length
  }
}

const HEAD = blockId('head')
const FOOT = blockId('foot')

/**
 * Grows one document of flow records: a block that opens it, blocks of records of which all but the first begin
 * with a comma, and a block that closes it, which stays the last. Attempts can be repeated freely.
 */
export class FlowLane {
  readonly #container: ContainerClient
  readonly #blob: BlockBlobClient
  #ids: string[] | undefined

  constructor(container: ContainerClient, blob: string) {
    this.#container = container
    this.#blob = container.getBlockBlobClient(blob)
  }

  /** One attempt; call it again with the same records when it rejects. */
  async add(records: Buffer): Promise<void> {
    this.#ids ??= await this.#open()
    const id = blockId(String(this.#ids.length))
    const first = this.#ids.length === 0
    const block = first ? records : Buffer.concat([Buffer.from(','), records])
    if (first) await this.#frame()
    await this.#blob.stageBlock(id, block, block.length)
    await this.#blob.commitBlockList([HEAD, ...this.#ids, id, FOOT])
    this.#ids.push(id)
  }

  async #open(): Promise<string[]> {
    await this.#container.createIfNotExists()
    if (!(await this.#blob.exists())) return []
    const { committedBlocks } = await this.#blob.getBlockList('committed')
    return (committedBlocks ?? []).map(({ name }) => name).filter((name) => name !== HEAD && name !== FOOT)
  }

  async #frame(): Promise<void> {
    await this.#blob.stageBlock(HEAD, '{"records":[', 12)
    await this.#blob.stageBlock(FOOT, ']}', 2)
  }
}

/** Ids of one blob must have one length. */
function blockId(name: string): string {
  return Buffer.from(name.padStart(12, '0')).toString('base64')
}
