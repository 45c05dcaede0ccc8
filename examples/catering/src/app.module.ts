import { Module } from '@nestjs/common'
import { ScheduleModule } from '@nestjs/schedule'
import { AccountsModule } from './accounts/accounts.module.ts'
import { AuthModule } from './auth/auth.module.ts'
import { CompaniesModule } from './companies/companies.module.ts'
import { ContractsModule } from './contracts/contracts.module.ts'
import { DatabaseModule } from './database/database.module.ts'
import { HealthModule } from './health/health.module.ts'
import { OutboxModule } from './outbox/outbox.module.ts'
import { ReportsModule } from './reports/reports.module.ts'
import { ServiceDaysModule } from './service-days/service-days.module.ts'

@Module({
  imports: [
    DatabaseModule,
    ScheduleModule.forRoot(),
    AuthModule,
    AccountsModule,
    CompaniesModule,
    ContractsModule,
    ServiceDaysModule,
    OutboxModule,
    ReportsModule,
    HealthModule,
  ],
})
export class AppModule {}
