import { Global, Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { JwtModule } from '@nestjs/jwt'
import { AuthGuard } from './guard'
import { SessionController } from './session.controller'
import { Tokens } from './tokens'

@Global()
@Module({
  imports: [JwtModule.register({})],
  controllers: [SessionController],
  providers: [Tokens, { provide: APP_GUARD, useClass: AuthGuard }],
  exports: [Tokens],
})
export class AuthModule {}
