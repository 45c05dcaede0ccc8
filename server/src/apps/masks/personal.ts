import type { MaskKind } from '../../config/masks.ts'
import type { Category } from './table.ts'

/** Words of a name that say that its values are about a person, in English, German, French and Spanish. */
export interface Sign {
  /** Words that follow each other, in small letters and without accents. */
  words: readonly string[]
  /** Kinds of types that can hold it. */
  in: readonly Category[]
  /** What to put in its place. */
  kind: MaskKind
}

const TEXT: readonly Category[] = ['text', 'json', 'array']
const MORE: readonly Category[] = [...TEXT, 'number']

const signs = (kind: MaskKind, types: readonly Category[], text: string): Sign[] =>
  text.split(',').map(words => ({ words: words.trim().split(/\s+/), in: types, kind }))

/** The first one that stands in a name counts: an `ip_address` is no address of a house. */
export const SIGNS: readonly Sign[] = [
  ...signs(
    'hash',
    ['text', 'inet', 'json', 'array'],
    'ip, ip address, remote addr, user agent, device id, mac address',
  ),
  ...signs('email', TEXT, 'email, e mail, emails, mail, correo, courriel'),
  ...signs(
    'phone',
    MORE,
    'phone, phones, tel, telephone, telefon, telefono, mobile, mobil, handy, cell, cellphone, fax, whatsapp, portable, movil',
  ),
  ...signs(
    'name',
    TEXT,
    `first name, last name, full name, sur name, family name, given name, middle name, nick name, maiden name, legal name,
     vor name, nach name, familien name, prenom, nom, apellido, apellidos, nombre completo, user name, login name, surname,
     guest name, customer name, patient name, contact name, holder name, account holder, recipient name, person name`,
  ),
  ...signs(
    'text',
    TEXT,
    `address, addresses, address line, street, adresse, anschrift, strasse, rue, direccion, calle, domicilio, hausnummer,
     geburtsort, birth place, place of birth, signature, unterschrift`,
  ),
  ...signs(
    'text',
    MORE,
    'zip, zip code, postal code, post code, plz, postleitzahl, code postal, codigo postal',
  ),
  ...signs(
    'date',
    ['text', 'date', 'json'],
    'birth, birthday, birthdate, born, born on, dob, geburtstag, geburtsdatum, naissance, nacimiento',
  ),
  ...signs(
    'hash',
    MORE,
    `passport, reisepass, pasaporte, passeport, ssn, social security, national id, identity number, id number, tax id, tax number,
     steuernummer, steuer id, nif, nie, dni, curp, vat id, driver license, drivers license, licence plate, license plate,
     kennzeichen, iban, bic, swift, account number, kontonummer, card number, credit card, kreditkarte, pan, cvv, cvc,
     insurance number, versichertennummer, medical record number, mrn`,
  ),
  ...signs(
    'hash',
    ['text', 'json', 'bytea', 'array'],
    `token, tokens, secret, secrets, password, passwort, passwd, pwd, passphrase, mot de passe, contrasena, clave, api key, key hash,
     private key, access key, totp, otp, recovery codes, session id, credential, credentials`,
  ),
  ...signs(
    'number',
    ['text', 'number'],
    'lat, lng, lon, latitude, longitude, salary, gehalt, salaire, salario, income',
  ),
  ...signs(
    'text',
    TEXT,
    `gender, sex, geschlecht, sexe, sexo, health, diagnosis, diagnose, allergy, allergies, medication, blood type, religion,
     ethnicity, nationality, disability, sexual orientation, biography`,
  ),
]

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** A name that ends so is about a thing, and not the thing itself. */
export const ABOUT = words(
  `type kind status state count template enabled verified format length size version subject policy required provider
   locale language brand at on id ids`,
)

/** In tables of these, a column that is called `name` is the name of a person. */
export const PEOPLE = words(
  `user customer client guest person people member contact employee staff patient doctor driver tenant student teacher
   visitor attendee subscriber participant traveller traveler passenger profile author organizer organiser owner
   benutzer kunde kunden gast gaste gaeste mitglied mitglieder mitarbeiter personen patienten
   utilisateur invite membre usuario cliente huesped miembro persona paciente`,
)
