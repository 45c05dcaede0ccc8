import { Module } from '@nestjs/common'
import { NotificationsModule } from '../notifications/notifications.module'
import { Tasks } from './tasks'
import { TasksController } from './tasks.controller'

@Module({ imports: [NotificationsModule], controllers: [TasksController], providers: [Tasks] })
export class TasksModule {}
