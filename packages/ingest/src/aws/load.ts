import { WeirError } from '@weir/runtime'

/** Packages that only those need who read from AWS. */
const LOADERS = {
  '@aws-sdk/client-s3': () => import('@aws-sdk/client-s3'),
  '@aws-sdk/client-sqs': () => import('@aws-sdk/client-sqs'),
  '@aws-sdk/client-iam': () => import('@aws-sdk/client-iam'),
} as const

export type AwsPackage = keyof typeof LOADERS

type Loaded<P extends AwsPackage> = Awaited<ReturnType<(typeof LOADERS)[P]>>

/** An optional dependency, loaded when it is first asked for. Rejects with `WeirError` CONFIG_INVALID where it is missing. */
export async function loadAws<P extends AwsPackage>(source: string, name: P): Promise<Loaded<P>> {
  try {
    return (await LOADERS[name]()) as Loaded<P>
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new WeirError(
      'CONFIG_INVALID',
      `source ${source} needs ${name}, which is not installed. ${MISSING_REMEDY}`,
    )
  }
}

/** What to do about a package that was left out. */
export const MISSING_REMEDY =
  'Install the optional dependencies: npm ci --include=optional in the folder of Weir, then start it again.'

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
}
