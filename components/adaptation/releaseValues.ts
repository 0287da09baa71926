import { CHART_ADAPTATIONS, ChartImage, ChartPods } from "./charts";
import { adaptedImage, ImageSettings, parseImage } from "./images";
import { at, changedAt, Fields, given, overlaid, together } from "./overlay";
import { nodeFields, placementOf, pullSecrets, spreadConstraints } from "./placement";
import { givesIds, NO_IDS } from "./platforms";
import { adaptedResources } from "./resources";
import type { AdaptationSettings } from "./settings";

/** The values of a release with what the configuration says over them. Throws for a release that has no line in charts.ts. */
export function adaptedValues(
    release: string,
    values: unknown,
    settings: AdaptationSettings,
): unknown {
    const chart = CHART_ADAPTATIONS[release];
    if (!chart) {
        throw new Error(`release ${release} has no line in components/adaptation/charts.ts`);
    }
    const { commonLabels, commonAnnotations, images } = settings;
    const secrets = pullSecrets(settings);
    const added = together([
        ...chart.pods.flatMap((pods) => unlessEmpty(pods.at, placed(pods, settings))),
        ...chart.images.flatMap((image) => unlessEmpty(image.at, imageValues(image, images))),
        ...(chart.registry && images.registry ? [at(chart.registry, images.registry)] : []),
        ...(chart.pullSecrets && secrets ? [at(chart.pullSecrets, secrets)] : []),
        ...(givesIds(settings) ? chart.ids.map((place) => at(place, NO_IDS)) : []),
        ...(givesIds(settings) && chart.openShift ? [chart.openShift] : []),
        ...everywhere(chart.labels, commonLabels),
        ...everywhere(chart.annotations, commonAnnotations),
    ]);
    return chart.pods.reduce(
        (adapted, pods) => sized(adapted, pods, settings),
        overlaid(overlaid(values, settings.helmValues[release] ?? {}), added),
    );
}

function placed(pods: ChartPods, settings: AdaptationSettings): Fields {
    const placement = placementOf(settings, pods.component);
    const { affinity, topologySpread } = placement;
    return given({
        ...nodeFields(placement),
        topologySpreadConstraints:
            pods.spread && topologySpread
                ? spreadConstraints(topologySpread, pods.spread)
                : undefined,
        podAntiAffinity: pods.ownAntiAffinity && affinity?.podAntiAffinity ? "" : undefined,
    });
}

function sized(values: unknown, pods: ChartPods, settings: AdaptationSettings): unknown {
    const resources = settings.resources[pods.component];
    const places = pods.resources ?? [[...pods.at, "resources"]];
    return resources && !pods.hook
        ? places.reduce(
              (adapted, place) =>
                  changedAt(adapted, place.slice(0, -1), (known) => {
                      const key = place.at(-1) ?? "";
                      const fields = known as Fields;
                      return { ...fields, [key]: adaptedResources(fields[key], resources) };
                  }),
              values,
          )
        : values;
}

/** Nothing where the image stays what the chart has. */
function imageValues(image: ChartImage, settings: ImageSettings): Fields {
    const { keys, repository } = image;
    const own = parseImage(repository);
    const { host, path, tag, digest } = adaptedImage(repository, settings);
    const moved = host !== own?.host || path !== own.path;
    const digestText = digest && image.bareDigest ? digest.replace("sha256:", "") : digest;
    const tagText = keys.digest || !digest ? tag : `${tag ?? ""}@${digest}`;
    return {
        ...(moved && keys.host ? { [keys.host]: host } : {}),
        ...(moved ? { [keys.path]: keys.host ? path : `${host}/${path}` } : {}),
        ...(tagText ? Object.fromEntries(keys.tags.map((key) => [key, tagText])) : {}),
        ...(tagText ? image.withTag : {}),
        ...(keys.digest && digestText ? { [keys.digest]: digestText } : {}),
    };
}

/** An empty map in values would be drift. */
function unlessEmpty(place: readonly string[], fields: Fields): Fields[] {
    return Object.keys(fields).length > 0 ? [at(place, fields)] : [];
}

function everywhere(
    places: readonly (readonly string[])[],
    values: Readonly<Record<string, string>>,
): Fields[] {
    return Object.keys(values).length > 0 ? places.map((place) => at(place, values)) : [];
}
