import type * as common from "@grafana/grafana-foundation-sdk/common";
import type * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import type * as dashboardList from "@grafana/grafana-foundation-sdk/dashboardlist";
import type * as elasticsearch from "@grafana/grafana-foundation-sdk/elasticsearch";
import type * as logs from "@grafana/grafana-foundation-sdk/logs";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as table from "@grafana/grafana-foundation-sdk/table";
import type * as text from "@grafana/grafana-foundation-sdk/text";
import type * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

/**
 * Grafana's own kinds of dashboards, panels and queries. Types alone: the SDK's builders would be some 160 files to load
 * at every run of the program, and add nothing to an object that the compiler has checked.
 */

/** A type of the SDK as JSON has it: enums are their values, and methods are not there. */
export type Json<T> = 0 extends 1 & T
    ? T
    : T extends string
      ? `${T}`
      : T extends readonly (infer Item)[]
        ? Json<Item>[]
        : T extends object
          ? {
                [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: Json<
                    T[K]
                >;
            }
          : T;

export type DashboardJson = Json<dashboard.Dashboard>;
export type PanelJson = Json<dashboard.Panel>;
export type RowJson = Json<dashboard.RowPanel>;
export type VariableJson = Json<dashboard.VariableModel>;
export type LinkJson = Json<dashboard.DashboardLink>;
export type AnnotationJson = Json<dashboard.AnnotationQuery>;
export type ThresholdsJson = Json<dashboard.ThresholdsConfig>;
export type MappingJson = Json<dashboard.ValueMapping>;
export type FieldJson = Json<dashboard.FieldConfig>;
export type TransformationJson = Json<dashboard.DataTransformerConfig>;
export type PrometheusQueryJson = Json<prometheus.Dataquery>;
/** What a logs panel asks Elasticsearch for; the SDK leaves the type of an aggregation open. */
export type LogsQueryJson = Json<
    Omit<elasticsearch.dataquery, "metrics" | "bucketAggs"> & {
        metrics: (Omit<elasticsearch.Logs, "type"> & { type: "logs" })[];
        bucketAggs: [];
    }
>;

/** The options of each type of panel that is used. */
export interface PanelKinds {
    readonly timeseries: {
        options: Json<timeseries.Options>;
        custom: Json<common.GraphFieldConfig>;
    };
    readonly stat: { options: Json<stat.Options>; custom: undefined };
    readonly table: { options: Json<table.Options>; custom: Json<common.TableFieldOptions> };
    readonly logs: { options: Json<logs.Options>; custom: undefined };
    readonly text: { options: Json<text.Options>; custom: undefined };
    readonly dashlist: { options: Json<dashboardList.Options>; custom: undefined };
}
