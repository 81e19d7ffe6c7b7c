/** As much of a client as tells as whom it asks. */
interface HasCredentials {
  readonly config: { readonly credentials: () => Promise<{ readonly accessKeyId: string }> }
}

export const AWS_CREDENTIAL_REMEDY =
  'give this machine a role (instance profile, task role, web identity), or name a profile of its AWS configuration'

/** Says which key the chain of credentials gave; asks nothing of the service. */
export async function lookAtCredential({ config }: HasCredentials): Promise<string> {
  const { accessKeyId } = await config.credentials()
  return `access key ${accessKeyId}`
}
