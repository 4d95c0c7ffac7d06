import { z } from 'zod';
import { calendarDate, id, instant, safeLine, safeText } from '../../platform/http/schemas.js';
import { pictureUrls } from '../../platform/storage/file-links.js';

const MAX_TEMPERAMENTS = 8;

export const temperament = z.enum([
  'gentle',
  'friendly',
  'playful',
  'energetic',
  'calm',
  'shy',
  'timid',
  'curious',
  'independent',
  'affectionate',
  'protective',
  'vocal',
  'dog_reactive',
  'people_shy',
]);

/** At most 150 kg (the heaviest breeds), in steps of 10 g like the column. */
const weightKg = z.number().min(0.1).max(150).multipleOf(0.01);

const petFields = {
  name: safeLine(1, 20),
  species: z.literal('dog'),
  breed: safeLine(1, 40).nullable(),
  sex: z.enum(['male', 'female', 'unknown']),
  neutered: z.boolean().nullable(),
  birthDate: calendarDate.meta({ example: '2022-04-05' }).nullable(),
  weightKg: weightKg.nullable(),
  temperament: z
    .array(temperament)
    .max(MAX_TEMPERAMENTS)
    .refine((tags) => new Set(tags).size === tags.length, { params: { code: 'duplicate' } }),
};

export const petPatch = z.strictObject(petFields).partial();
export type PetPatch = z.output<typeof petPatch>;

export const petIn = petPatch.required({ name: true });
export type PetIn = z.output<typeof petIn>;

export const pet = z
  .object({
    id,
    ...petFields,
    name: z.string(),
    breed: z.string().nullable(),
    weightKg: z.number().nullable(),
    createdAt: instant,
    photo: z.object(pictureUrls).nullable(),
  })
  .meta({ id: 'Pet' });
export type PetView = z.output<typeof pet>;

const healthFields = {
  kind: z.enum(['weight', 'vaccination', 'vet_visit', 'medication']),
  date: calendarDate,
  title: safeLine(1, 60).nullable(),
  note: safeText(1, 500).nullable(),
  weightKg: weightKg.nullable().meta({ description: 'kind가 weight일 때만, 그리고 그때는 반드시' }),
  nextDue: calendarDate.nullable().meta({ description: '다음 예정일; date보다 이르지 않아야 함' }),
};

export const healthRecordPatch = z.strictObject(healthFields).partial();
export type HealthRecordPatch = z.output<typeof healthRecordPatch>;

export const healthRecordIn = healthRecordPatch.required({ kind: true, date: true });
export type HealthRecordIn = z.output<typeof healthRecordIn>;

export const healthRecord = z
  .object({
    id,
    ...healthFields,
    title: z.string().nullable(),
    note: z.string().nullable(),
    weightKg: z.number().nullable(),
    createdAt: instant,
  })
  .meta({ id: 'HealthRecord' });
export type HealthRecordView = z.output<typeof healthRecord>;
