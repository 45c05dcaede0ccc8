import { Body, Controller, Get, Post, UnauthorizedException } from '@nestjs/common'
import { IsEmail, IsString, MaxLength } from 'class-validator'
import { Database } from '../database/database'
import { Me, Open } from './guard'
import { passwordMatches } from './password'
import { Tokens, type Person } from './tokens'

class LogIn {
  @IsEmail()
  email!: string

  @IsString()
  @MaxLength(200)
  password!: string
}

@Controller('api/session')
export class SessionController {
  constructor(
    private readonly database: Database,
    private readonly tokens: Tokens,
  ) {}

  @Post()
  @Open()
  async logIn(@Body() { email, password }: LogIn) {
    const employee = await this.database.employee.findUnique({ where: { email: email.toLowerCase() } })
    // Compared even when there is nobody, so that the time of the answer does not tell which addresses exist.
    const matches = await passwordMatches(password, employee?.passwordHash ?? ':')
    if (!employee?.active || !matches) throw new UnauthorizedException('E-mail or password is wrong.')
    const person: Person = { id: employee.id, name: employee.name, role: employee.role }
    return { token: this.tokens.sign(person), person }
  }

  @Get()
  who(@Me() person: Person) {
    return { person }
  }
}
