import { HEC_TOKEN } from '../support/collector.ts'
import { CLIENT, EntraStandIn, TENANT } from '../support/entra.ts'
import { LogsIngestionStandIn, RULE, STREAM } from '../support/logs-ingestion.ts'
import type { OutputPlaceType } from './place.ts'

export const LOGS_INGESTION_PLACE: OutputPlaceType = {
  name: 'logs-ingestion',
  can: ['refuse one', 'refuse us'],
  open: async () => {
    const entra = new EntraStandIn(HEC_TOKEN)
    const authority = await entra.listen()
    const service = new LogsIngestionStandIn(entra)
    const endpoint = await service.listen()
    const secret = { file: 'hec-token' }
    const auth = { credential: 'client-secret', tenantId: TENANT, clientId: CLIENT, secret, authority }
    return {
      config: { type: 'logs-ingestion', endpoint, ruleId: RULE, stream: STREAM, auth },
      received: () => service.revisions(),
      down: async () => {
        service.refuses = { status: 503 }
      },
      up: async () => {
        service.refuses = undefined
      },
      refuse: (id) => {
        service.bad = ({ AlertId }) => AlertId === id
      },
      refuseSetup: (refused) => {
        service.refuses = refused ? { status: 403, message: 'no role on the rule' } : undefined
      },
      close: async () => {
        await service.close()
        await entra.close()
      },
    }
  },
}
