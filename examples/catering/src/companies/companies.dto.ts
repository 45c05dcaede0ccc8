import { ApiProperty, PartialType } from '@nestjs/swagger'
import { IsEmail, IsString, Length } from 'class-validator'

export class NewCompany {
  @ApiProperty({ example: 'Brightwater Instruments' })
  @IsString()
  @Length(1, 120)
  name!: string

  @ApiProperty({ example: 'Haarlem' })
  @IsString()
  @Length(1, 80)
  city!: string

  @ApiProperty({ example: 'office@brightwater.example' })
  @IsEmail()
  contactEmail!: string
}

/** What is left out stays as it is; null is no value. */
export class ChangedCompany extends PartialType(NewCompany, { skipNullProperties: false }) {}
