package observability.missing;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.IndicesRequest;
import org.elasticsearch.action.datastreams.CreateDataStreamAction;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.action.support.TransportAction;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.DataStreamFailureStore;
import org.elasticsearch.cluster.metadata.DataStreamOptions;
import org.elasticsearch.cluster.metadata.MetadataCreateDataStreamService;
import org.elasticsearch.cluster.metadata.MetadataDataStreamsService;
import org.elasticsearch.cluster.metadata.MetadataIndexTemplateService;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestActionListener;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.elasticsearch.xpack.core.ilm.LifecycleSettings;

/**
 * Endpoints of the modules that no registry has, under the names of their actions, so that the real security judges who
 * may call them. Data streams are made by the server's own services; policies are kept as they were put, and nothing
 * carries them out.
 */
public final class MissingModules extends Plugin implements ActionPlugin {
    private static final Map<String, String> KEPT = new ConcurrentHashMap<>();
    private static final TimeValue WAIT = TimeValue.timeValueSeconds(30);

    private record Endpoint(
        RestRequest.Method method, String path, String action, Class<? extends TransportAction<?, ?>> handler) {
        Endpoint(String method, String path, String action, Class<? extends TransportAction<?, ?>> handler) {
            this(RestRequest.Method.valueOf(method), path, action, handler);
        }
    }

    private static final List<Endpoint> ENDPOINTS =
        List.of(
            new Endpoint("GET", "/", "cluster:monitor/main", Main.class),
            new Endpoint("HEAD", "/", "cluster:monitor/main", Main.class),
            new Endpoint("GET", "/_ilm/policy/{name}", "cluster:admin/ilm/get", GetLifecycle.class),
            new Endpoint("PUT", "/_ilm/policy/{name}", "cluster:admin/ilm/put", PutLifecycle.class),
            new Endpoint("GET", "/_ilm/status", "cluster:admin/ilm/operation_mode/get", LifecycleStatus.class),
            new Endpoint("GET", "/{index}/_ilm/explain", "indices:admin/ilm/explain", ExplainLifecycle.class),
            new Endpoint("GET", "/_slm/policy/{name}", "cluster:admin/slm/get", GetSnapshotPolicy.class),
            new Endpoint("PUT", "/_slm/policy/{name}", "cluster:admin/slm/put", PutSnapshotPolicy.class),
            new Endpoint("DELETE", "/_slm/policy/{name}", "cluster:admin/slm/delete", DeleteSnapshotPolicy.class),
            new Endpoint("GET", "/_slm/stats", "cluster:admin/slm/stats", SnapshotStats.class),
            new Endpoint("GET", "/_slm/status", "cluster:admin/slm/status", SnapshotStatus.class),
            new Endpoint("GET", "/_data_stream/{index}", "indices:admin/data_stream/get", GetStream.class),
            new Endpoint("PUT", "/_data_stream/{index}", "indices:admin/data_stream/create", CreateStream.class),
            new Endpoint("GET", "/_data_stream/{index}/_options", "indices:admin/data_stream/options/get", GetOptions.class),
            new Endpoint("PUT", "/_data_stream/{index}/_options", "indices:admin/data_stream/options/put", PutOptions.class),
            new Endpoint("GET", "/_data_stream/{index}/_stats", "indices:monitor/data_stream/stats", StreamStats.class));

    /** Those of an index, for the templates that name a lifecycle. */
    @Override
    public List<Setting<?>> getSettings() {
        return List.of(
            LifecycleSettings.LIFECYCLE_NAME_SETTING, LifecycleSettings.LIFECYCLE_INDEXING_COMPLETE_SETTING);
    }

    @Override
    public Collection<ActionHandler> getActions() {
        return ENDPOINTS.stream()
            .filter(each -> each.method != RestRequest.Method.HEAD)
            .map(each -> new ActionHandler(new ActionType<Answer>(each.action), each.handler))
            .toList();
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
        RestHandlersServices services, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
        return ENDPOINTS.stream().<RestHandler>map(Handler::new).toList();
    }

    /** Hands a request to the action, past the security's filter. */
    private static final class Handler extends BaseRestHandler {
        private final Endpoint endpoint;

        Handler(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public String getName() {
            return endpoint.method + " " + endpoint.path;
        }

        @Override
        public List<Route> routes() {
            return List.of(new Route(endpoint.method, endpoint.path));
        }

        @Override
        protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
            List.of("verbose", "human", "master_timeout").forEach(request::param);
            String body = request.hasContent() ? request.content().utf8ToString() : "{}";
            String index = request.param("index");
            ActionRequest told =
                endpoint.handler == CreateStream.class
                    // The security looks into this one.
                    ? new CreateDataStreamAction.Request(WAIT, WAIT, index)
                    : index == null ? new Told(request.param("name"), body) : new ToldOfIndices(index, body);
            return channel ->
                client.execute(
                    new ActionType<Answer>(endpoint.action),
                    told,
                    new RestActionListener<Answer>(channel) {
                        @Override
                        protected void processResponse(Answer answer) {
                            channel.sendResponse(new RestResponse(RestStatus.OK, "application/json", answer.json));
                        }
                    });
        }
    }

    private static class Told extends ActionRequest {
        final String name;
        final String body;

        Told(String name, String body) {
            this.name = name;
            this.body = body;
        }

        @Override
        public ActionRequestValidationException validate() {
            return null;
        }
    }

    private static final class ToldOfIndices extends Told implements IndicesRequest.Replaceable {
        private String[] indices;

        ToldOfIndices(String indices, String body) {
            super(indices, body);
            this.indices = Strings.splitStringByCommaToArray(indices);
        }

        @Override
        public String[] indices() {
            return indices;
        }

        @Override
        public IndicesRequest indices(String... replaced) {
            indices = replaced;
            return this;
        }

        @Override
        public IndicesOptions indicesOptions() {
            return IndicesOptions.lenientExpandOpen();
        }

        @Override
        public boolean includeDataStreams() {
            return true;
        }
    }

    private static final class Answer extends ActionResponse {
        final String json;

        Answer(String json) {
            this.json = json;
        }

        @Override
        public void writeTo(StreamOutput out) {
            TransportAction.localOnly();
        }
    }

    private interface Work<T> {
        void answer(T told, ActionListener<Answer> listener) throws Exception;
    }

    private abstract static class Action<T extends ActionRequest> extends TransportAction<T, Answer> {
        private final Work<T> work;

        Action(String name, TransportService transport, ActionFilters filters, Work<T> work) {
            super(name, filters, transport.getTaskManager(), transport.getThreadPool().generic());
            this.work = work;
        }

        @Override
        protected void doExecute(Task task, T told, ActionListener<Answer> listener) {
            ActionListener.run(listener, each -> work.answer(told, each));
        }
    }

    private static Work<Told> fixed(String json) {
        return (told, listener) -> listener.onResponse(new Answer(json));
    }

    private static Work<Told> keep(String kind) {
        return (told, listener) -> {
            KEPT.put(kind + told.name, told.body);
            listener.onResponse(new Answer("{\"acknowledged\":true}"));
        };
    }

    private static Work<Told> recall(String kind, String before, String after) {
        return (told, listener) -> {
            String kept = KEPT.get(kind + told.name);
            if (kept == null) {
                throw new ResourceNotFoundException("{} not found", told.name);
            }
            listener.onResponse(new Answer("{\"" + told.name + "\":" + before + kept + after + "}"));
        };
    }

    public static final class Main extends Action<Told> {
        @Inject
        public Main(TransportService transport, ActionFilters filters) {
            super("cluster:monitor/main", transport, filters,
                fixed("{\"name\":\"node\",\"cluster_name\":\"elasticsearch\",\"cluster_uuid\":\"0\",\"version\":{\"number\":\""
                    + org.elasticsearch.Build.current().version()
                    + "\",\"build_flavor\":\"default\",\"build_date\":\"\",\"build_hash\":\"\",\"build_snapshot\":false,"
                    + "\"lucene_version\":\"" + org.apache.lucene.util.Version.LATEST + "\"},"
                    + "\"tagline\":\"You Know, for Search\"}"));
        }
    }

    public static final class GetLifecycle extends Action<Told> {
        @Inject
        public GetLifecycle(TransportService transport, ActionFilters filters) {
            // A policy is put as `{ "policy": ... }`, and answered beside its version.
            super("cluster:admin/ilm/get", transport, filters, recall("ilm", "", ""));
        }
    }

    public static final class PutLifecycle extends Action<Told> {
        @Inject
        public PutLifecycle(TransportService transport, ActionFilters filters) {
            super("cluster:admin/ilm/put", transport, filters, keep("ilm"));
        }
    }

    public static final class LifecycleStatus extends Action<Told> {
        @Inject
        public LifecycleStatus(TransportService transport, ActionFilters filters) {
            super("cluster:admin/ilm/operation_mode/get", transport, filters, fixed("{\"operation_mode\":\"RUNNING\"}"));
        }
    }

    public static final class ExplainLifecycle extends Action<Told> {
        @Inject
        public ExplainLifecycle(TransportService transport, ActionFilters filters) {
            super("indices:admin/ilm/explain", transport, filters, fixed("{\"indices\":{}}"));
        }
    }

    public static final class GetSnapshotPolicy extends Action<Told> {
        @Inject
        public GetSnapshotPolicy(TransportService transport, ActionFilters filters) {
            super("cluster:admin/slm/get", transport, filters, recall("slm", "{\"policy\":", "}"));
        }
    }

    public static final class PutSnapshotPolicy extends Action<Told> {
        @Inject
        public PutSnapshotPolicy(TransportService transport, ActionFilters filters) {
            super("cluster:admin/slm/put", transport, filters, keep("slm"));
        }
    }

    public static final class DeleteSnapshotPolicy extends Action<Told> {
        @Inject
        public DeleteSnapshotPolicy(TransportService transport, ActionFilters filters) {
            super("cluster:admin/slm/delete", transport, filters, (told, listener) -> {
                KEPT.remove("slm" + told.name);
                listener.onResponse(new Answer("{\"acknowledged\":true}"));
            });
        }
    }

    public static final class SnapshotStats extends Action<Told> {
        @Inject
        public SnapshotStats(TransportService transport, ActionFilters filters) {
            super("cluster:admin/slm/stats", transport, filters,
                fixed("{\"retention_runs\":0,\"retention_failed\":0,\"retention_timed_out\":0,"
                    + "\"retention_deletion_time\":\"0s\",\"retention_deletion_time_millis\":0,"
                    + "\"total_snapshots_taken\":0,\"total_snapshots_failed\":0,\"total_snapshots_deleted\":0,"
                    + "\"total_snapshot_deletion_failures\":0,\"policy_stats\":[]}"));
        }
    }

    public static final class SnapshotStatus extends Action<Told> {
        @Inject
        public SnapshotStatus(TransportService transport, ActionFilters filters) {
            super("cluster:admin/slm/status", transport, filters, fixed("{\"operation_mode\":\"RUNNING\"}"));
        }
    }

    public static final class CreateStream extends Action<CreateDataStreamAction.Request> {
        @Inject
        public CreateStream(
            TransportService transport, ActionFilters filters, MetadataCreateDataStreamService streams) {
            super("indices:admin/data_stream/create", transport, filters, (told, listener) ->
                streams.createDataStream(
                    new MetadataCreateDataStreamService.CreateDataStreamClusterStateUpdateRequest(
                        ProjectId.DEFAULT, told.getName(), null, WAIT, WAIT),
                    listener.map(done -> new Answer(Strings.toString(done)))));
        }
    }

    public static final class GetStream extends Action<ToldOfIndices> {
        @Inject
        public GetStream(TransportService transport, ActionFilters filters, ClusterService cluster) {
            super("indices:admin/data_stream/get", transport, filters,
                (told, listener) -> listener.onResponse(new Answer(described(cluster, told, false))));
        }
    }

    public static final class GetOptions extends Action<ToldOfIndices> {
        @Inject
        public GetOptions(TransportService transport, ActionFilters filters, ClusterService cluster) {
            super("indices:admin/data_stream/options/get", transport, filters,
                (told, listener) -> listener.onResponse(new Answer(described(cluster, told, true))));
        }
    }

    private static String described(ClusterService cluster, ToldOfIndices told, boolean options) throws IOException {
        ProjectMetadata project = cluster.state().metadata().getProject(ProjectId.DEFAULT);
        XContentBuilder json = JsonXContent.contentBuilder().startObject().startArray("data_streams");
        for (String name : told.indices()) {
            DataStream stream = project.dataStreams().get(name);
            if (stream == null) {
                throw new ResourceNotFoundException("no such index [{}]", name);
            }
            String template = MetadataIndexTemplateService.findV2Template(project, name, false);
            json.startObject().field("name", name);
            if (options) {
                json.field("options", stream.getDataStreamOptions());
            } else {
                var settings = MetadataIndexTemplateService.resolveSettings(project, template);
                json.field("template", template).field("ilm_policy", settings.get("index.lifecycle.name"));
            }
            json.endObject();
        }
        return Strings.toString(json.endArray().endObject());
    }

    public static final class PutOptions extends Action<ToldOfIndices> {
        @Inject
        public PutOptions(TransportService transport, ActionFilters filters, MetadataDataStreamsService streams) {
            super("indices:admin/data_stream/options/put", transport, filters, (told, listener) -> {
                DataStreamOptions options;
                try (var parser = JsonXContent.jsonXContent.createParser(
                    XContentParserConfiguration.EMPTY, told.body)) {
                    options = DataStreamOptions.fromXContent(parser);
                }
                streams.setDataStreamOptions(
                    ProjectId.DEFAULT, List.of(told.indices()), options, WAIT, WAIT,
                    listener.map(done -> new Answer(Strings.toString(done))));
            });
        }
    }

    public static final class StreamStats extends Action<Told> {
        @Inject
        public StreamStats(TransportService transport, ActionFilters filters) {
            super("indices:monitor/data_stream/stats", transport, filters,
                fixed("{\"_shards\":{\"total\":0,\"successful\":0,\"failed\":0},\"data_stream_count\":0,"
                    + "\"backing_indices\":0,\"total_store_size_bytes\":0,\"data_streams\":[]}"));
        }
    }
}
