-- Every place of every service that is published now; one whose category has become confidential
-- is left out as soon as the taxonomy says so. A view is replaced where it stands, with the rights
-- on it, which lets it gain columns at its end only.
CREATE OR REPLACE VIEW qgis_services AS
SELECT place_id, service_id, location_id, name, organization, categories[1] AS category,
    categories, status, address, cap, city, municipio,
    phone, email, url, opening_hours, opening_hours_text, assured_date, source_id,
    precision, error_metres, geom
FROM service_location AS placed
WHERE NOT categories && ARRAY[$confidential]::varchar[]
    AND NOT EXISTS (
        SELECT FROM service_revision AS later
        WHERE later.service_id = placed.service_id
            AND later.revision_id > placed.revision_id
            AND later.state <> 'proposed'
    )
