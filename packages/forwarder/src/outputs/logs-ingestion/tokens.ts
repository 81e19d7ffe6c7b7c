import type { TokenCredential } from '@azure/identity'
import { messageOf, WeirError } from '@weir/runtime'
import { SetupRefused } from '../refused.ts'
import type { LogsIngestionConfig } from './config.ts'

/** Tokens of Entra ID for Azure Monitor. */
export interface Tokens {
  /** One that holds for some minutes more. Throws `WeirError` OUTPUT_FAILED, or `SetupRefused` when we are refused. */
  get(signal: AbortSignal): Promise<string>
  /** The one that `get` gave is refused: the next is fetched anew. */
  forget(): void
}

type Cloud = LogsIngestionConfig['cloud']

/** Where the tokens of a cloud come from, and for whom they are. */
const CLOUDS: Readonly<Record<Cloud, { readonly authority: string; readonly scope: string }>> = {
  public: {
    authority: 'https://login.microsoftonline.com',
    scope: 'https://monitor.azure.com//.default',
  },
  'us-government': {
    authority: 'https://login.microsoftonline.us',
    scope: 'https://monitor.azure.us//.default',
  },
  china: {
    authority: 'https://login.partner.microsoftonline.cn',
    scope: 'https://monitor.azure.cn//.default',
  },
}

/** Milliseconds for a token to come; then the output fails and tries again. */
const TOKEN_MS_MAX = 30_000

/** Nothing is loaded or asked for before the first token. A credential keeps its token until shortly before its end. */
export function entraTokens(config: LogsIngestionConfig): Tokens {
  let credential: Promise<TokenCredential> | undefined
  return {
    get: async (signal) => {
      credential ??= credentialOf(config)
      try {
        const { scope } = CLOUDS[config.cloud]
        const limit = AbortSignal.any([signal, AbortSignal.timeout(TOKEN_MS_MAX)])
        const asked = (await credential).getToken(scope, { abortSignal: limit })
        const token = await Promise.race([asked, aborted(limit)])
        if (token === null) throw new Error(`there is none for ${scope}`)
        return token.token
      } catch (error) {
        credential = undefined
        throw refusalOf(config.name, error)
      }
    },
    forget: () => {
      credential = undefined
    },
  }
}

/** The library hears of an abort late, or not at all. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Entra ID does not know us, or this machine has no identity; anything else may pass. */
function refusalOf(name: string, cause: unknown): Error {
  if (cause instanceof SetupRefused) return cause
  const reason = messageOf(cause)
  const doing = `output ${name} gets no token: ${reason}`
  const refused = /AADSTS\d/.test(reason) || (cause instanceof Error && NO_IDENTITY.has(cause.name))
  return refused ? new SetupRefused(doing) : new WeirError('OUTPUT_FAILED', doing, { cause })
}

const NO_IDENTITY: ReadonlySet<string> = new Set([
  'CredentialUnavailableError',
  'AggregateAuthenticationError',
])

/** The output's worker tries again by itself. */
const NO_RETRIES = { maxRetries: 0 }

async function credentialOf(config: LogsIngestionConfig): Promise<TokenCredential> {
  const { auth, cloud, proxy } = config
  const entra = await loadEntra(config.name)
  const { clientId, tenantId = '', secret, certificatePath = '' } = auth
  const options = {
    retryOptions: NO_RETRIES,
    ...authorityOf(auth.authority, CLOUDS[cloud].authority),
    ...proxyOf(proxy?.reveal()),
  }
  switch (auth.credential) {
    case 'default':
      return new entra.DefaultAzureCredential({
        ...options,
        ...(clientId && { managedIdentityClientId: clientId }),
      })
    case 'managed-identity':
      return clientId === undefined
        ? new entra.ManagedIdentityCredential()
        : new entra.ManagedIdentityCredential({ clientId })
    case 'workload-identity':
      return new entra.WorkloadIdentityCredential({ ...options, ...(clientId && { clientId }) })
    case 'client-secret':
      return new entra.ClientSecretCredential(tenantId, clientId ?? '', secret?.reveal() ?? '', options)
    case 'client-certificate':
      return new entra.ClientCertificateCredential(tenantId, clientId ?? '', certificatePath, options)
    default:
      return auth.credential satisfies never
  }
}

/** Only who sends to Azure needs it. */
async function loadEntra(name: string): Promise<typeof import('@azure/identity')> {
  try {
    return await import('@azure/identity')
  } catch (cause) {
    const remedy = 'install the optional package @azure/identity'
    throw new SetupRefused(`output ${name} cannot ask for tokens (${messageOf(cause)}): ${remedy}`)
  }
}

/** An authority that the operator has named is not asked after at the public one first. */
function authorityOf(named: string | undefined, usual: string) {
  return named === undefined
    ? { authorityHost: usual }
    : { authorityHost: named, disableInstanceDiscovery: true }
}

function proxyOf(proxy: string | undefined) {
  if (proxy === undefined) return {}
  const { protocol, hostname, port, username, password } = new URL(proxy)
  const login =
    username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  const usual = protocol === 'https:' ? 443 : 80
  return {
    proxyOptions: { host: `${protocol}//${hostname}`, port: port === '' ? usual : Number(port), ...login },
  }
}
