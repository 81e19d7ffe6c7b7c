import { WeirError } from '@weir/runtime'

/** Work that writes a file or folder; what it rejects with becomes `WeirError` OUTPUT_FAILED. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new WeirError('OUTPUT_FAILED', `cannot write ${path}`, { cause })
  }
}
