/* The map of mentors: pins that are gathered where they would lie on top of each other, on tiles where some
   are set, else on lines of latitude and longitude. What it shows stands in the list below it, too. */
(function () {
    "use strict";

    // Norway without Svalbard, where there is nobody to show.
    const EVERYWHERE = [[57.9, 4.5], [71.2, 31.2]];
    // Nearer than this a pin would lie on another; in pixels.
    const APART = 44;
    const CLOSEST = 13;

    function read(id) {
        const element = document.getElementById(id);
        return element ? JSON.parse(element.textContent) : { mentors: [], places: [] };
    }

    function graticule(map) {
        const lines = L.layerGroup().addTo(map);
        const color = getComputedStyle(map.getContainer()).color;
        function draw() {
            lines.clearLayers();
            const bounds = map.getBounds();
            const step = [0.1, 0.25, 0.5, 1, 2, 5, 10].find(
                (degrees) => (bounds.getEast() - bounds.getWest()) / degrees < 14
            ) || 20;
            const style = { color, opacity: 0.18, weight: 1, interactive: false };
            const [south, north] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
            for (let east = Math.ceil(bounds.getWest() / step) * step; east <= bounds.getEast(); east += step) {
                L.polyline([[south, east], [north, east]], style).addTo(lines);
            }
            for (let at = Math.ceil(south / step) * step; at <= north; at += step) {
                L.polyline([[at, bounds.getWest()], [at, bounds.getEast()]], style).addTo(lines);
            }
        }
        map.on("moveend", draw);
        draw();
    }

    /* Groups of points none of whose pins would lie on another's. */
    function gather(map, points) {
        const groups = [];
        const near = new Map();
        points.forEach((point) => {
            const pixel = map.project([point.lat, point.lon], map.getZoom());
            const [column, row] = [Math.floor(pixel.x / APART), Math.floor(pixel.y / APART)];
            let found = null;
            for (let x = column - 1; x <= column + 1 && !found; x += 1) {
                for (let y = row - 1; y <= row + 1 && !found; y += 1) {
                    found = (near.get(`${x}:${y}`) || []).find((group) => group.pixel.distanceTo(pixel) < APART);
                }
            }
            if (found) {
                found.points.push(point);
                return;
            }
            const group = { pixel, points: [point] };
            groups.push(group);
            const key = `${column}:${row}`;
            near.set(key, [...(near.get(key) || []), group]);
        });
        return groups;
    }

    function content(points) {
        const list = document.createElement("ul");
        points.forEach((point) => {
            const line = document.createElement("li");
            const name = document.createElement(point.url ? "a" : "strong");
            if (point.url) {
                name.href = point.url;
            }
            name.textContent = point.name;
            const note = document.createElement("span");
            note.textContent = point.note;
            line.append(name, note);
            list.append(line);
        });
        return list;
    }

    function start(element) {
        const words = element.dataset;
        element.hidden = false;
        const map = L.map(element, { maxZoom: CLOSEST, minZoom: 3, zoomControl: false, worldCopyJump: false });
        L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
        map.attributionControl.setPrefix(false);
        const [pins, names] = [L.layerGroup(), L.layerGroup()];
        // Names lie below the pins.
        map.createPane("names").style.zIndex = 450;
        let data = read(words.mentorMap);

        function pin(group) {
            const { points } = group;
            const several = points.length > 1;
            const size = several ? 36 : 24;
            const quiet = points.every((point) => point.quiet);
            const label = several
                ? words.several.replace("{count}", points.length)
                : `${points[0].name}. ${points[0].note}`;
            const text = document.createElement("span");
            text.textContent = several ? points.length : "";
            const marker = L.marker([points[0].lat, points[0].lon], {
                icon: L.divIcon({
                    className: `mentor-pin${quiet ? " mentor-pin-quiet" : ""}`,
                    html: text,
                    iconSize: [size, size],
                }),
                riseOnHover: true,
                title: label,
            });
            const bounds = L.latLngBounds(points.map((point) => [point.lat, point.lon]));
            function open() {
                // Pins that part when one looks closer are looked at closer; the others are named.
                if (several && !bounds.getNorthEast().equals(bounds.getSouthWest()) && map.getZoom() < CLOSEST) {
                    map.fitBounds(bounds, { padding: [60, 60], maxZoom: CLOSEST });
                    element.focus({ preventScroll: true });
                    return;
                }
                L.popup({ offset: [0, -size / 3] })
                    .setLatLng(marker.getLatLng())
                    .setContent(content(points))
                    .on("add", (event) => opened(event.target))
                    .on("remove", () => marker.getElement() && marker.getElement().focus({ preventScroll: true }))
                    .openOn(map);
            }
            marker.on("click", open);
            marker.on("keydown", (event) => {
                if (["Enter", " "].includes(event.originalEvent.key)) {
                    event.originalEvent.preventDefault();
                    open();
                }
            });
            marker.addTo(pins);
            marker.getElement().setAttribute("aria-label", label);
        }

        /* Whoever came by keyboard goes on in it. */
        function opened(popup) {
            const box = popup.getElement();
            const close = box.querySelector(".leaflet-popup-close-button");
            close.setAttribute("aria-label", words.close);
            (box.querySelector(".leaflet-popup-content a") || close).focus({ preventScroll: true });
        }

        function draw() {
            pins.clearLayers();
            gather(map, data.mentors).forEach(pin);
        }

        function drawNames() {
            names.clearLayers();
            const taken = [];
            if (data.origin) {
                const at = [data.origin.lat, data.origin.lon];
                write(data.origin, "mentor-origin", taken);
                const color = getComputedStyle(element).color;
                const line = { color, radius: data.km * 1000, weight: 1, dashArray: "4 4" };
                L.circle(at, { ...line, fill: false, interactive: false }).addTo(names);
            }
            if (!words.tiles) {
                data.places.forEach((place) => write(place, "mentor-place", taken));
            }
        }

        /* A name on the map, unless it would stand on another one. */
        function write(place, className, taken) {
            const from = map.project([place.lat, place.lon], map.getZoom());
            const to = from.add([place.name.length * 7.5 + 14, 18]);
            const isFree = taken.every(
                (other) => to.x < other.from.x || from.x > other.to.x || to.y < other.from.y || from.y > other.to.y
            );
            if (!isFree) {
                return;
            }
            taken.push({ from, to });
            const text = document.createElement("span");
            text.textContent = place.name;
            const icon = L.divIcon({ className, html: text, iconSize: null, iconAnchor: [3, 9] });
            const still = { interactive: false, keyboard: false, pane: "names" };
            L.marker([place.lat, place.lon], { icon, ...still }).addTo(names);
        }

        function look() {
            const points = data.mentors.map((point) => [point.lat, point.lon]);
            if (data.origin) {
                const around = L.latLng(data.origin.lat, data.origin.lon).toBounds(data.km * 2000);
                map.fitBounds(around, { animate: false });
            } else {
                map.fitBounds(points.length ? points : EVERYWHERE, { animate: false, maxZoom: 8, padding: [40, 40] });
            }
        }

        look();
        if (words.tiles) {
            L.tileLayer(words.tiles, { attribution: words.attribution, maxZoom: CLOSEST }).addTo(map);
        } else {
            graticule(map);
        }
        names.addTo(map);
        pins.addTo(map);
        drawNames();
        draw();
        map.on("zoomend", () => {
            drawNames();
            draw();
        });

        // Filters and search put other mentors into the list: the map follows.
        const results = document.getElementById("listing-results");
        if (results) {
            new MutationObserver(() => {
                const next = read(words.mentorMap);
                if (JSON.stringify(next) !== JSON.stringify(data)) {
                    data = next;
                    look();
                    drawNames();
                    draw();
                }
            }).observe(results, { childList: true });
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll("[data-mentor-map]").forEach(start);
    });
})();
