import { LocksCard } from '../activity/LocksCard.tsx'
import { Domains } from '../certificates/Domains.tsx'
import { Actions } from '../changes/Actions.tsx'
import { DatabaseCard } from '../doctor/DatabaseCard.tsx'
import { Jobs } from '../jobs/Jobs.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Errors } from '../logs/Errors.tsx'
import { Logs } from '../logs/Logs.tsx'
import { MaintenanceCard } from '../maintenance/MaintenanceCard.tsx'
import { DataCard } from '../metrics/DataCard.tsx'
import { MetricsCard } from '../metrics/MetricsCard.tsx'
import { VitalsCard } from '../metrics/VitalsCard.tsx'
import { OutboxCard } from '../outbox/OutboxCard.tsx'
import { PlacementCard } from '../placement/PlacementCard.tsx'
import { Probes } from '../probes/Probes.tsx'
import { Releases } from '../releases/Releases.tsx'
import { RetentionCard } from '../retention/RetentionCard.tsx'
import { History } from '../runs/History.tsx'
import { Following } from '../runs/RunningPanel.tsx'
import { StuckNotice } from '../runs/StuckNotice.tsx'
import { StatementsCard } from '../statements/StatementsCard.tsx'
import { StatusPageCard } from '../status-page/StatusPageCard.tsx'
import { TrafficCard } from '../traffic/TrafficCard.tsx'
import { AppHeader } from './AppHeader.tsx'
import { Instances } from './Instances.tsx'
import { useApp } from './queries.ts'

export function AppPage({ name }: { name: string }) {
  const app = useApp(name)
  return (
    <Loaded query={app} rows={8}>
      {data => (
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
          <AppHeader app={data} actions={<Actions app={data} />} />
          <Following running={data.running} />
          {data.running === null && <StuckNotice app={name} />}
          <LocksCard app={name} />
          <TrafficCard app={name} />
          <MetricsCard app={name} />
          <VitalsCard app={name} />
          <DataCard app={name} />
          <StatementsCard app={name} />
          <DatabaseCard app={name} />
          <RetentionCard app={name} />
          <StatusPageCard app={name} />
          <Instances app={data} />
          <PlacementCard app={name} />
          <MaintenanceCard app={name} />
          <Domains app={name} />
          <Jobs app={name} />
          <OutboxCard app={name} />
          <Probes app={name} />
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
            <Releases app={data} />
            <History app={name} />
          </div>
          <Errors app={name} />
          <Logs app={data} />
        </div>
      )}
    </Loaded>
  )
}
