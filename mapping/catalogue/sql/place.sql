-- Place the published revisions of $added. Precise points only, and nothing confidential.
WITH located AS (
    SELECT DISTINCT ON (revision_id, place->>'location_id')
        revision_id,
        service_id,
        source_id,
        content,
        place,
        nth,
        place->>'location_id' AS location_id,
        place->'position' AS spot
    FROM $added AS revision,
        json_array_elements(content->'locations') WITH ORDINALITY AS listed (place, nth)
    WHERE state = 'published'
        AND place->'position'->>'precision' IN ($precise)
        AND place->'position'->>'lon' IS NOT NULL
        AND place->'position'->>'lat' IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM json_array_elements_text(content->'categories') AS code
            WHERE code IN ($confidential)
        )
        AND NOT EXISTS (
            SELECT FROM service_location AS placed WHERE placed.revision_id = revision.revision_id
        )
    ORDER BY revision_id, place->>'location_id', nth
),
-- A place keeps its number through all its revisions. Numbers are counted, not drawn from a
-- sequence: writers take turns, and a catalogue that is moved to another server has the same ones.
known AS (
    SELECT DISTINCT located.service_id, located.location_id, placed.place_id
    FROM located JOIN service_location AS placed USING (service_id, location_id)
),
fresh AS (
    SELECT service_id, location_id,
        row_number() OVER (ORDER BY min(revision_id), min(nth))
            + (SELECT coalesce(max(place_id), 0) FROM service_location) AS place_id
    FROM located
    WHERE NOT EXISTS (
        SELECT FROM known
        WHERE known.service_id = located.service_id AND known.location_id = located.location_id
    )
    GROUP BY service_id, location_id
)
INSERT INTO service_location (
    place_id, revision_id, service_id, location_id, name, organization, categories, status,
    address, cap, city, municipio, phone, email, url, opening_hours, opening_hours_text,
    assured_date, source_id, precision, error_metres, lon, lat
)
SELECT
    place_id,
    revision_id,
    service_id,
    location_id,
    content->>'name',
    content->>'organization',
    ARRAY(SELECT json_array_elements_text(content->'categories')),
    content->>'status',
    place->>'address',
    place->>'cap',
    place->>'city',
    place->>'municipio',
    content->>'phone',
    content->>'email',
    content->>'url',
    place->>'opening_hours',
    place->>'opening_hours_text',
    content->'provenance'->>'assured_date',
    source_id,
    spot->>'precision',
    (spot->>'error_metres')::float8,
    (spot->>'lon')::float8,
    (spot->>'lat')::float8
FROM located JOIN (SELECT * FROM known UNION ALL SELECT * FROM fresh) AS numbered
    USING (service_id, location_id)
ORDER BY revision_id, nth
