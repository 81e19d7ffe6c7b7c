import { type Clock, messageOf, type Report } from '@weir/runtime'
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { notRunning, type Refusal, refusal } from './refusal.ts'
import type { Cloud, LogsIngestionSettings } from './settings.ts'

/** Checks tokens of one tenant against its keys. */
export interface EntraTokens {
  /** Throws a `Refusal`: 401 for a token that is not good, 403 for one of somebody else, 503 when the keys are out of reach. */
  check(token: string): Promise<void>
}

interface Authority {
  /** Issues the tokens of version 2, and serves the keys of both. */
  readonly login: string
  /** Issues the tokens of version 1. */
  readonly sts: string
  readonly audience: string
}

const AUTHORITIES: Readonly<Record<Cloud, Authority>> = {
  public: {
    login: 'https://login.microsoftonline.com',
    sts: 'https://sts.windows.net',
    audience: 'https://monitor.azure.com',
  },
  'us-government': {
    login: 'https://login.microsoftonline.us',
    sts: 'https://sts.windows.net',
    audience: 'https://monitor.azure.us',
  },
  china: {
    login: 'https://login.partner.microsoftonline.cn',
    sts: 'https://sts.chinacloudapi.cn',
    audience: 'https://monitor.azure.cn',
  },
}

/** Where the keys of a tenant are. */
export function keysUrlOf({ cloud, tenantId, keysUrl }: LogsIngestionSettings): string {
  return keysUrl ?? `${AUTHORITIES[cloud].login}/${tenantId}/discovery/v2.0/keys`
}

/** Clocks of issuer and aggregator may be apart by so much. */
const SKEW_SECONDS_MAX = 60
const KEYS_MS_MAX = 10_000

export function entraTokens(
  settings: LogsIngestionSettings,
  deps: { readonly clock: Clock; readonly report: Report },
): EntraTokens {
  const keys = createRemoteJWKSet(new URL(keysUrlOf(settings)), { timeoutDuration: KEYS_MS_MAX })
  const { login, sts, audience } = AUTHORITIES[settings.cloud]
  const tenantId = settings.tenantId.toLowerCase()
  const expected = {
    // Entra ID signs with nothing else; left open, a token could choose its own way to be checked.
    algorithms: ['RS256'],
    issuer: [`${sts}/${tenantId}/`, `${login}/${tenantId}/v2.0`],
    audience: [audience, `${audience}/`],
    requiredClaims: ['exp'],
    clockTolerance: SKEW_SECONDS_MAX,
  }
  return {
    async check(token) {
      const currentDate = new Date(deps.clock.now())
      const { payload } = await jwtVerify(token, keys, { ...expected, currentDate }).catch((error) => {
        throw refusalOf(error, deps.report)
      })
      checkClient(payload, settings.clients)
    },
  }
}

/** The application that asked for the token (`appid` in version 1, `azp` in version 2), or its object in the tenant. */
function checkClient({ appid, azp, oid }: JWTPayload, clients: readonly string[]): void {
  const allowed = new Set(clients.map((client) => client.toLowerCase()))
  const shown = [appid, azp, oid].filter((id) => typeof id === 'string').map((id) => id.toLowerCase())
  if (shown.some((id) => allowed.has(id))) return
  throw refusal(
    'NOT_ALLOWED',
    `the application ${shown.join(' / ') || 'without id'} is not among logsIngestion.clients`,
  )
}

/** What jose found wrong with the token itself. */
const BAD_TOKEN = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
] as const

function refusalOf(error: unknown, report: Report): Refusal {
  if (BAD_TOKEN.some((kind) => error instanceof kind)) {
    const header = { 'www-authenticate': 'Bearer error="invalid_token"' }
    return refusal('NO_TOKEN', `the token is refused: ${messageOf(error)}`, header)
  }
  report.event('warn', 'push_keys_unreachable', { error: messageOf(error) })
  return notRunning()
}
